// What a form cannot do by itself. Without it, every page still works.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.confirm !== undefined && !window.confirm(button.dataset.confirm)) event.preventDefault();
  if (button?.dataset.copy === undefined) return;
  const address = new URL(button.dataset.copy, document.baseURI).href;
  try {
    await navigator.clipboard.writeText(address);
    button.textContent = button.dataset.copied;
  } catch {
    // Browsers allow it on HTTPS and on this machine only.
    window.prompt(button.textContent, address);
  }
});

document.addEventListener("change", ({ target }) => {
  if (target.dataset.checkAll === undefined) return;
  for (const box of target.form.querySelectorAll('input[name="id"]')) box.checked = target.checked;
});
