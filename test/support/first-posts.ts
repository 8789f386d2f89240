/** Posts and what belongs to them, as they were first laid out: with the attributes of four indexes. */

type Item = Record<string, unknown>;

const created = '2024-05-01T10:00:00.000Z';
const updated = '2024-06-01T10:00:00.000Z';

export interface FirstPost {
  readonly id: string;
  readonly owner: string;
  readonly access: 'public' | 'private' | 'allowed_user';
  readonly content: string;
  readonly tags?: readonly string[];
  readonly allowed?: readonly string[];
}

export const firstPost = ({ id, owner, access, content, tags = [], allowed = [] }: FirstPost): Item[] => [
  {
    PK: `POST#${id}`,
    SK: 'DETAILS',
    name: `Post ${id}`,
    content,
    user_id: owner,
    access_type: access,
    created_at: created,
    updated_at: updated,
    GSI1PK: `USER#${owner}`,
    GSI1SK: created,
    GSI2PK: access,
    GSI2SK: created,
  },
  ...tags.flatMap((tag) => [
    { PK: `POST#${id}`, SK: `TAG#${tag}` },
    { PK: `TAG#${tag}`, SK: `POST#${id}`, post_created_at: created, GSI4PK: `TAG#${tag}`, GSI4SK: created },
  ]),
  ...allowed.map((user) => ({
    PK: `POST#${id}`,
    SK: `ALLOWED_USER#${user}`,
    user_id: user,
    GSI3PK: `ALLOWED_USER#${user}`,
    GSI3SK: `POST#${id}`,
  })),
];

export const firstTag = (id: string, owner: string, access: 'public' | 'private'): Item => ({
  PK: `TAG#${id}`,
  SK: 'DETAILS',
  name: `Tag ${id}`,
  user_id: owner,
  access_type: access,
  created_at: created,
  updated_at: updated,
});

export const firstProfile = (id: string): Item => ({
  PK: `USER#${id}`,
  SK: 'PROFILE',
  email: `${id}@example.com`,
  created_at: created,
  updated_at: updated,
});
