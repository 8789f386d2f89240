/** Bounds of input. */
export const LIMITS = {
  /** Characters. */
  name: 200,
  /** Characters. */
  description: 4000,
  /** Characters. */
  category: 100,
  /** Characters. */
  email: 254,
  pageSize: 100,
  /** Of a page that does not say. */
  defaultPageSize: 20,
} as const;
