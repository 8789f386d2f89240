/** The domain of whoever uses the library: their file lies beside the built code of each function that runs it. */
export const domain: unknown;
