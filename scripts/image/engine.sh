#!/usr/bin/env bash
# Finds a container engine, or starts a private one. Sourced; sets DOCKER (the client) and DOCKER_HOST, and defines
# stop_engine, which stops only an engine started here. A private engine keeps its images in $1 between runs.

engine_folder=$1
engine_started=false

# The client that belongs to Debian's engine: another one on PATH may lack the build plug-in.
DOCKER=$(dpkg -L docker.io 2>/dev/null | grep -m1 'bin/docker$' || command -v docker || true)

engine_answers() { [ -n "$DOCKER" ] && timeout 30 "$DOCKER" version >/dev/null 2>&1; }

start_engine() {
  mkdir -p "$engine_folder"
  export DOCKER_HOST="unix://$engine_folder/engine.sock"
  engine_answers && return
  # A machine that may not lower OOM scores would make runc fail.
  cat > "$engine_folder/runc-clamped" <<'W'
#!/usr/bin/env bash
bundle= previous=
for argument in "$@"; do [ "$previous" = --bundle ] && bundle=$argument; previous=$argument; done
if [ -n "$bundle" ] && [ -f "$bundle/config.json" ]; then
  jq -c 'if (.process.oomScoreAdj // 0) < 0 then .process.oomScoreAdj = 0 else . end' "$bundle/config.json" \
    > "$bundle/clamped.json" && mv "$bundle/clamped.json" "$bundle/config.json"
fi
exec runc "$@"
W
  chmod +x "$engine_folder/runc-clamped"
  # Removes what a killed engine left: the next one would wait for its socket.
  rm -rf "$engine_folder/run" 2>/dev/null || true
  nohup dockerd --data-root "$engine_folder/root" --exec-root "$engine_folder/run" -H "$DOCKER_HOST" \
    --pidfile "$engine_folder/engine.pid" --default-ulimit nofile=16384:16384 \
    --add-runtime "clamped=$engine_folder/runc-clamped" --default-runtime clamped > "$engine_folder/engine.log" 2>&1 &
  engine_started=true
  for _ in $(seq 120); do engine_answers && return; sleep 0.5; done
  tail -5 "$engine_folder/engine.log" >&2
  echo "the private engine did not start" >&2
  stop_engine
  return 1
}

stop_engine() {
  $engine_started || return 0
  local pid
  pid=$(cat "$engine_folder/engine.pid" 2>/dev/null) || return 0
  kill "$pid" && while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
}

if ! engine_answers; then
  if ! command -v dockerd >/dev/null || ! command -v jq >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo "no container engine answers. Start one, or as root on Debian: apt-get install docker.io mmdebstrap jq" >&2
    return 1
  fi
  start_engine || return 1
fi
