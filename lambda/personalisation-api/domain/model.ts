/** What a user is interested in, and how much. */
export interface Category {
  readonly id: string;
  readonly score: number;
}

/** A version of a segment. Versions never change. */
export interface Segment {
  readonly type: string;
  readonly categories: readonly Category[];
  /** In their order: the first is the best. */
  readonly topCategories: readonly string[];
  /** The version: milliseconds since 1970, UTC. */
  readonly at: number;
}

/** A segment as it is sent: its version is the time of the request, unless it brings one. */
export type NewSegment = Omit<Segment, 'at'> & { readonly at?: number };

/** A profile as it is sent. */
export interface NewProfile {
  readonly id: string;
  /** @default - those that it has stay */
  readonly tags?: readonly string[];
  /** Segments that are not among them stay. */
  readonly segments: readonly NewSegment[];
}

/** The latest version of a segment, and what it takes to read and to show. */
export interface Latest {
  readonly at: number;
  readonly itemBytes: number;
  readonly jsonBytes: number;
}

/** What is kept of a profile beside its segments. */
export interface ProfileRecord {
  readonly id: string;
  readonly tags: readonly string[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Another one with every write, and never the same again. */
  readonly version: string;
  /** The latest version of each type, of those that have not expired. */
  readonly latest: ReadonlyMap<string, Latest>;
  /** Bytes of all versions that were ever written: no less than there are. */
  readonly storedBytes: number;
}

/** A profile with the latest version of each segment, in the order of their types. */
export interface Profile extends ProfileRecord {
  readonly segments: readonly Segment[];
}

/** Versions of segments, and where the next page goes on. */
export interface Versions {
  readonly segments: readonly Segment[];
  readonly next?: Position;
}

/** The last version of a page. */
export interface Position {
  readonly type: string;
  readonly at: number;
}

/** Versions from one time to another, both included. */
export interface TimeRange {
  readonly from?: number;
  readonly to?: number;
}

/** A stored blob. */
export interface Blob {
  readonly data: unknown;
  readonly version: string;
}

/** What has become of a profile that was sent. */
export type Upserted =
  | {
      readonly kind: 'written';
      readonly created: boolean;
      readonly record: ProfileRecord;
      readonly versions: readonly Position[];
    }
  /** It has another version than the write depends on. */
  | { readonly kind: 'other version' }
  /** There is another segment of this type and time: versions never change. */
  | { readonly kind: 'taken'; readonly position: Position }
  /** What an item, a transaction or an answer would take, in bytes. */
  | { readonly kind: 'too large'; readonly bytes: number; readonly limit: number; readonly what: string }
  | { readonly kind: 'too many types'; readonly types: number };

/** What has become of a blob that was sent. */
export type UpsertedBlob =
  | { readonly kind: 'written'; readonly created: boolean; readonly version: string }
  | { readonly kind: 'other version' }
  | { readonly kind: 'too large'; readonly bytes: number; readonly limit: number };

export type Deleted = 'deleted' | 'not there' | 'other version';

/** On which versions a write depends; any will do where there are none to choose from. */
export interface Expected {
  readonly any: boolean;
  readonly versions: readonly string[];
}
