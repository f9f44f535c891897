// The receiver's name as the operator wrote it. Alertmanager and Grafana send it through Go's regexp.QuoteMeta:
// `team (prod)` arrives as `team \(prod\)` (prometheus/alertmanager notify/util.go, GetTemplateData).

const quoted = /\\([\\.+*?()|[\]{}^$])/g;

export function unquoteReceiver(receiver: string): string {
  return receiver.replace(quoted, "$1");
}
