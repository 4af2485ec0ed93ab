// Copies what stands in a field. True when it was copied; else the text is selected, for the reader's own hand.
export async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus({ preventScroll: true }); // no clipboard without HTTPS, or not allowed, as inside some apps
    field.setSelectionRange(0, field.value.length);
    return document.execCommand("copy");
  }
}
