import { SocialEvent } from './social-event';

/**
 * The stream record behind an event: one change of one kind of item.
 *
 * @internal
 */
export interface EventSource {
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly entityType: string;
}

/**
 * The only place that says which record is which event: the construct filters by it, the router maps by it.
 *
 * @internal
 */
export const EVENT_SOURCES: Readonly<Record<SocialEvent, EventSource>> = {
  [SocialEvent.ARTICLE_CREATED]: { eventName: 'INSERT', entityType: 'Article' },
  // The Article item changes with every favorite as well; its text changes only by its author's hand.
  [SocialEvent.ARTICLE_UPDATED]: { eventName: 'MODIFY', entityType: 'ArticleText' },
  [SocialEvent.ARTICLE_DELETED]: { eventName: 'REMOVE', entityType: 'Article' },
  [SocialEvent.COMMENT_CREATED]: { eventName: 'INSERT', entityType: 'Comment' },
  [SocialEvent.COMMENT_DELETED]: { eventName: 'REMOVE', entityType: 'Comment' },
  [SocialEvent.FOLLOWED]: { eventName: 'INSERT', entityType: 'Follow' },
  [SocialEvent.UNFOLLOWED]: { eventName: 'REMOVE', entityType: 'Follow' },
  [SocialEvent.FEED_READER_RETURNED]: { eventName: 'INSERT', entityType: 'FeedReader' },
  // By its expiry; or for a moment, so that their return is told once more.
  [SocialEvent.FEED_READER_LEFT]: { eventName: 'REMOVE', entityType: 'FeedReader' },
  [SocialEvent.FAVORITED]: { eventName: 'INSERT', entityType: 'Favorite' },
  [SocialEvent.UNFAVORITED]: { eventName: 'REMOVE', entityType: 'Favorite' },
  [SocialEvent.PROFILE_CREATED]: { eventName: 'INSERT', entityType: 'Profile' },
  [SocialEvent.POST_DELETED]: { eventName: 'REMOVE', entityType: 'Post' },
  // A list that is replaced while it is worked off is no new event: whoever works it off sees that it changed.
  [SocialEvent.POST_GRANTS_CHANGED]: { eventName: 'INSERT', entityType: 'PostGrants' },
  [SocialEvent.TAG_DELETED]: { eventName: 'REMOVE', entityType: 'Tag' },
  [SocialEvent.USER_DELETED]: { eventName: 'INSERT', entityType: 'DeletedUser' },
};
