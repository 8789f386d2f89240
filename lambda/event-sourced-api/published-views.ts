/**
 * Under which names changes of views are told.
 *
 * @param liveViews JSON: the names that queries have, each with the view that it stands for: `{"claims": "claims-v2"}`; a
 * view that no name stands for is told to nobody. Without it, each is told by its own name
 */
export function publishedAs(liveViews: string | undefined): (view: string) => readonly string[] {
  if (liveViews === undefined || liveViews === '') {
    return (view) => [view];
  }
  const names = Object.entries(JSON.parse(liveViews) as Readonly<Record<string, string>>);
  return (view) => names.flatMap(([name, live]) => (live === view ? [name] : []));
}
