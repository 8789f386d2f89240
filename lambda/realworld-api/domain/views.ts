import type { Article, Comment, FullArticle, Profile, ViewerState } from './model';

/** The API's shapes, from the domain's. Field names and their order are the contract's. */

export const profileView = (profile: Profile, following: boolean) => ({
  username: profile.username,
  bio: profile.bio,
  image: profile.image,
  following,
});

export const userView = (profile: Profile, email: string, token: string) => ({
  email,
  token,
  username: profile.username,
  bio: profile.bio,
  image: profile.image,
});

/** As lists show it: without the body. */
export const articleRowView = (article: Article, author: Profile, viewerState: ViewerState) => ({
  slug: article.slug,
  title: article.title,
  description: article.description,
  tagList: article.tagList,
  createdAt: article.createdAt,
  updatedAt: article.updatedAt,
  favorited: viewerState.favorited,
  // What is read beside favorites that come and go may be the sum of shards of several moments.
  favoritesCount: Math.max(0, article.favoritesCount),
  author: profileView(author, viewerState.following),
});

export const articleView = (article: FullArticle, author: Profile, viewerState: ViewerState) => ({
  ...articleRowView(article, author, viewerState),
  body: article.body,
});

export const commentView = (comment: Comment, author: Profile, following: boolean) => ({
  id: comment.commentId,
  createdAt: comment.createdAt,
  updatedAt: comment.updatedAt,
  body: comment.body,
  author: profileView(author, following),
});
