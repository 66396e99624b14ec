/** How people call what they use, as the server wrote it into the page; never read in a page of somebody else's. */
export function platformName(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="application-name"]')?.content ?? ''
}
