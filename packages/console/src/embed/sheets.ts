/** What is drawn in a shadow root looks like this. The styles of a page that comes later join those that are there. */
const sheets: CSSStyleSheet[] = []
const dressed = new Set<{ readonly root: ShadowRoot }>()

/** Called by the build for each stylesheet that a component imports. No policy of the host page forbids such a sheet. */
export function addSheet(css: string): void {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  sheets.push(sheet)
  for (const { root } of dressed) root.adoptedStyleSheets = [...sheets]
}

/** Gives a shadow root the look, until the function that is returned is called. */
export function dress(root: ShadowRoot): () => void {
  const one = { root }
  dressed.add(one)
  root.adoptedStyleSheets = [...sheets]
  return () => void dressed.delete(one)
}
