package io.callwire;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The items of a paged list, fetched page by page as they are asked for. Each iteration begins at the first page. Fetching
 * a page blocks and throws {@link CallwireException}.
 *
 * @param <P> a page: the response of the call
 * @param <T> an item
 */
public final class Pages<P, T> implements Iterable<T> {
  private final Function<String, P> fetch;
  private final Function<P, String> nextToken;
  private final Function<P, List<T>> items;
  private final String firstToken;

  Pages(String firstToken, Function<String, P> fetch, Function<P, String> nextToken, Function<P, List<T>> items) {
    this.firstToken = firstToken;
    this.fetch = fetch;
    this.nextToken = nextToken;
    this.items = items;
  }

  @Override
  public Iterator<T> iterator() {
    return new ItemIterator<>(pages().iterator(), items);
  }

  /**
   * The items as a sequential stream.
   *
   * @return a stream that fetches pages as it is read
   */
  public Stream<T> stream() {
    return StreamSupport.stream(spliterator(), false);
  }

  /**
   * The pages themselves, which may say more than their items. A page may be empty although others follow.
   *
   * @return the pages, the first one first
   */
  public Iterable<P> pages() {
    return () -> new PageIterator<>(firstToken, fetch, nextToken);
  }

  private static final class PageIterator<P> implements Iterator<P> {
    private final Function<String, P> fetch;
    private final Function<P, String> nextToken;
    /** Null after the last page. */
    private String token;

    PageIterator(String firstToken, Function<String, P> fetch, Function<P, String> nextToken) {
      this.token = firstToken;
      this.fetch = fetch;
      this.nextToken = nextToken;
    }

    @Override
    public boolean hasNext() {
      return token != null;
    }

    @Override
    public P next() {
      if (token == null) {
        throw new NoSuchElementException("there are no more pages");
      }
      P page = fetch.apply(token);
      String following = nextToken.apply(page);
      token = following.isEmpty() ? null : following;
      return page;
    }
  }

  private static final class ItemIterator<P, T> implements Iterator<T> {
    private final Iterator<P> pages;
    private final Function<P, List<T>> items;
    private Iterator<T> page = Collections.emptyIterator();

    ItemIterator(Iterator<P> pages, Function<P, List<T>> items) {
      this.pages = pages;
      this.items = items;
    }

    @Override
    public boolean hasNext() {
      while (!page.hasNext() && pages.hasNext()) {
        page = items.apply(pages.next()).iterator();
      }
      return page.hasNext();
    }

    @Override
    public T next() {
      if (!hasNext()) {
        throw new NoSuchElementException("there are no more items");
      }
      return page.next();
    }
  }
}
