/** What the element says by itself, before the rest of its words has come. */
export const embedEn = {
  notLoaded: 'The API tokens cannot be shown here: a part of the page could not be loaded.',
}
