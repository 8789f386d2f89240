import type { Item } from '../../core/dynamodb';
import { ARTICLE, COMMENT, PROFILE, SLUG } from '../../social-table/entities';
import type { Article, Comment, Profile, SlugRecord } from '../domain/model';

/** From items to the domain. */

export function toProfile(item: Item): Profile {
  const { userId, username, bio, image, tokenVersion } = PROFILE.read(item);
  return { userId, username, bio: bio ?? null, image: image ?? null, tokenVersion };
}

export function toArticle(item: Item): Article {
  const { articleId, authorId, slug, title, description, tagList, favoritesCount, createdAt, updatedAt } =
    ARTICLE.read(item);
  const { favoriteShards } = ARTICLE.read(item);
  return {
    articleId,
    authorId,
    slug,
    title,
    description,
    tagList,
    favoritesCount,
    favoriteShards,
    createdAt,
    updatedAt,
  };
}

export function toSlug(slug: string, item: Item): SlugRecord {
  const { articleId, authorId, slugBase, tagList, commenterIds } = SLUG.read(item);
  return { slug, articleId, authorId, slugBase, tagList, commenterIds: [...(commenterIds ?? [])] };
}

export function toComment(item: Item): Comment {
  const { commentId, authorId, body, createdAt, updatedAt } = COMMENT.read(item);
  return { commentId, authorId, body, createdAt, updatedAt };
}
