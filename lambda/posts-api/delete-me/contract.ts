/** Neither input nor answer has a schema. */
export {};
