import type { Item } from '../../core/dynamodb';
import type { Article, Comment, Profile, SlugRecord } from '../domain/model';

/** From items to the domain; attribute names are known here and in the writes beside it. */

export const toProfile = (item: Item): Profile => ({
  userId: item.userId as string,
  username: item.username as string,
  bio: (item.bio as string | undefined) ?? null,
  image: (item.image as string | undefined) ?? null,
  articlesCount: (item.articlesCount as number | undefined) ?? 0,
  tokenVersion: item.tokenVersion as number,
});

export const toArticle = (item: Item): Article => ({
  articleId: item.articleId as string,
  authorId: item.authorId as string,
  slug: item.slug as string,
  title: item.title as string,
  description: item.description as string,
  tagList: item.tagList as string[],
  favoritesCount: item.favoritesCount as number,
  createdAt: item.createdAt as string,
  updatedAt: item.updatedAt as string,
});

export const toSlug = (slug: string, item: Item): SlugRecord => ({
  slug,
  articleId: item.articleId as string,
  authorId: item.authorId as string,
  slugBase: item.slugBase as string,
  tagList: item.tagList as string[],
  commenterIds: [...((item.commenterIds as Set<string> | undefined) ?? [])],
});

export const toComment = (item: Item): Comment => ({
  commentId: item.commentId as number,
  authorId: item.authorId as string,
  body: item.body as string,
  createdAt: item.createdAt as string,
  updatedAt: item.updatedAt as string,
});
