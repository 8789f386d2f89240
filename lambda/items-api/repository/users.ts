import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { EMAIL, toUser, USER } from './entities';
import { emailIndexKey, emailIndexPk, emailKey, userKey } from './keys';
import type { Tables } from './tables';
import { type Item, type Key, NOT_THERE, transactWrite, TransactionRefused, writesOn } from '../../core/dynamodb';
import type { User } from '../domain/model';

export class UserRepository {
  public constructor(private readonly tables: Tables) {}

  public async create(user: User): Promise<'done' | 'taken'> {
    const { put } = writesOn(this.tables.items);
    try {
      await transactWrite(this.tables.db, {
        email: put(EMAIL.item([user.email], { userId: user.id }), NOT_THERE),
        user: put(USER.item([user.id], { ...user, ...emailIndexKey(user.email, user.createdAt) }), NOT_THERE),
      });
      return 'done';
    } catch (error) {
      if (error instanceof TransactionRefused && error.failed('email')) {
        return 'taken';
      }
      throw error;
    }
  }

  public async get(id: string): Promise<User | undefined> {
    const stored = await this.item(userKey(id));
    return stored && toUser(stored);
  }

  /** By the index, which is behind: where it has none, by what says whose the e-mail is, which is not. */
  public async findByEmail(email: string): Promise<User | undefined> {
    const { Items: [found] = [] } = await this.tables.db.send(
      new QueryCommand({
        TableName: this.tables.items,
        IndexName: 'GSI1',
        KeyConditionExpression: 'GSI1PK = :pk',
        ExpressionAttributeValues: { ':pk': emailIndexPk(email) },
        Limit: 1,
      }),
    );
    if (found) {
      return toUser(found);
    }
    const guard = await this.item(emailKey(email));
    return guard && this.get(EMAIL.read(guard).userId);
  }

  private async item(key: Key): Promise<Item | undefined> {
    const { Item: stored } = await this.tables.db.send(
      new GetCommand({ TableName: this.tables.items, Key: key, ConsistentRead: true }),
    );
    return stored;
  }
}
