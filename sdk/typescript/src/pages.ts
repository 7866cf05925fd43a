/** Goes through a paged list, a page at a time as the consumer goes on. */
export async function* allOf<Page extends { nextPageToken: string }, Item>(
  page: (pageToken: string) => Promise<Page>,
  itemsOf: (page: Page) => readonly Item[],
): AsyncGenerator<Item, void, undefined> {
  for (let token = ""; ; ) {
    const answer = await page(token);
    yield* itemsOf(answer);
    token = answer.nextPageToken;
    if (token === "") return;
  }
}
