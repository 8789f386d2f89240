/**
 * The messages that consumers of the social table get: ids alone, so that a consumer reads the rest as it is by then.
 * They come at least once and in any order.
 */
export type SocialMessage =
  | { readonly type: 'article-created'; readonly articleId: string; readonly authorId: string; tagList: string[] }
  | { readonly type: 'article-updated'; readonly articleId: string; readonly authorId: string }
  | { readonly type: 'article-deleted'; readonly articleId: string; readonly authorId: string; tagList: string[] }
  | {
      readonly type: 'comment-created' | 'comment-deleted';
      readonly articleId: string;
      readonly articleAuthorId: string;
      readonly authorId: string;
      readonly commentId: number;
    }
  | { readonly type: 'followed' | 'unfollowed'; readonly follower: string; readonly followee: string }
  | { readonly type: 'favorited' | 'unfavorited'; readonly articleId: string; readonly userId: string }
  | { readonly type: 'profile-created'; readonly userId: string };

export type SocialMessageType = SocialMessage['type'];
