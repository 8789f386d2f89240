import type { Tag } from './model';

/** A tag as the API shows it. */
export const tagView = ({ tagId, ownerId, name, accessType, createdAt, updatedAt }: Tag) => ({
  tag_id: tagId,
  user_id: ownerId,
  name,
  access_type: accessType,
  created_at: createdAt,
  updated_at: updatedAt,
});
