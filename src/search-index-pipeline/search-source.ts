import { Token } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { failure } from '../core/checks';
import { takeStreamReader } from '../core/stream-readers';
import { grantStreamRead } from '../core/table-grants';
import { ISocialTable } from '../social-table/i-social-table';

/**
 * Which items of a table are documents, and what of them: as the functions read it, and the pipeline is written from it.
 *
 * @internal
 */
export interface DocumentSource {
  readonly entityTypes?: readonly string[];
  readonly entityTypeAttribute?: string;
  readonly idAttributes: readonly string[];
  readonly versionAttribute: string;
  readonly fields: readonly string[];
}

/** Settings and mappings of an index as OpenSearch takes them. */
type IndexBody = Readonly<Record<string, unknown>>;

/**
 * A source, as the parts of a pipeline use it.
 *
 * @internal
 */
export interface BoundSource {
  readonly documents: DocumentSource;
  readonly body: IndexBody;
  readonly table: dynamodb.ITable;
  readonly tableArn: string;
  /** Takes one of the stream's two places for readers. */
  registerReader(reader: string): string;
  grantStreamRead(grantee: iam.IGrantable): iam.Grant;
  /** Lets the grantee decrypt what the table holds. */
  grantDecrypt(grantee: iam.IGrantable): void;
}

/** Which items of a table of your own are documents. */
export interface TableSourceOptions {
  /** The table, with a stream of both images. Imported, it needs `tableStreamArn`. */
  readonly table: dynamodb.ITable;
  /**
   * Attributes whose values, joined by `|`, are the document's id. At least one. Texts; with Lambda ingestion numbers
   * too, which zero-ETL writes in two ways where they end with 0.
   */
  readonly idAttributes: string[];
  /** A number that grows with every write of an item. What is written without it overtakes nothing. */
  readonly versionAttribute: string;
  /** Attributes that a document has, and no others. At least one. */
  readonly fields: string[];
  /** Values of `entityTypeAttribute` that make an item a document. @default - every item is one */
  readonly entityTypes?: string[];
  /** The attribute that says what an item is. Needed with `entityTypes`. @default - none */
  readonly entityTypeAttribute?: string;
  /**
   * Settings and mappings of the index, as OpenSearch's create-index request has them. The number of shards, of
   * replicas and `gc_deletes` are added.
   */
  readonly indexBody: { readonly [key: string]: unknown };
}

/** What is in an index: where its documents come from. */
export abstract class SearchSource {
  /** The articles of a SocialTable: id, author, title, description, tags and body. */
  public static socialTable(table: ISocialTable): SearchSource {
    return new SocialTableSource(table);
  }

  /** Items of a table of your own. */
  public static table(options: TableSourceOptions): SearchSource {
    return new TableSource(options);
  }

  /** @internal */
  public abstract _bind(scope: IConstruct): BoundSource;
}

const keyword = { type: 'keyword' };
const text = { type: 'text' };

/**
 * The item that is the whole source of an article's document. `articleId` is a UUIDv7: sorted downwards, it is newest
 * first, and breaks ties.
 *
 * @internal
 */
export const ARTICLE_DOCUMENTS: DocumentSource = {
  entityTypes: ['ArticleText'],
  entityTypeAttribute: 'entityType',
  idAttributes: ['articleId'],
  versionAttribute: 'version',
  fields: ['articleId', 'authorId', 'title', 'description', 'tagList', 'body'],
};

/** @internal */
export const ARTICLE_INDEX: IndexBody = {
  mappings: {
    dynamic: 'strict',
    properties: {
      articleId: keyword,
      authorId: keyword,
      tagList: keyword,
      title: text,
      description: text,
      body: text,
    },
  },
};

class SocialTableSource extends SearchSource {
  public constructor(private readonly table: ISocialTable) {
    super();
  }

  public _bind(): BoundSource {
    const { table } = this;
    return {
      documents: ARTICLE_DOCUMENTS,
      body: ARTICLE_INDEX,
      table: table.table,
      tableArn: table.tableArn,
      registerReader: (reader) => table.registerStreamReader(reader),
      grantStreamRead: (grantee) => table.grantStreamRead(grantee),
      grantDecrypt: (grantee) => {
        table.encryptionKey?.grantDecrypt(grantee);
      },
    };
  }
}

/**
 * What no text of the pipeline's expressions has in it; one that begins with `/` is taken for an attribute.
 *
 * @see https://github.com/opensearch-project/data-prepper/blob/main/data-prepper-expression/src/main/antlr/DataPrepperExpression.g4
 */
const UNQUOTABLE = /["\\$]|^\//;

/** What an expression of the pipeline can name without quoting. */
const ATTRIBUTE = /^[A-Za-z_][A-Za-z0-9_]*$/;

class TableSource extends SearchSource {
  public constructor(private readonly options: TableSourceOptions) {
    super();
  }

  public _bind(scope: IConstruct): BoundSource {
    const { table, indexBody, ...documents } = this.options;
    this.check(scope);
    return {
      documents,
      body: indexBody,
      table,
      tableArn: table.tableArn,
      registerReader: (reader) => {
        const streamArn = streamOf(table, scope);
        const refusal = takeStreamReader(table, reader, table.node.path);
        if (refusal !== undefined) throw failure(refusal, scope);
        return streamArn;
      },
      grantStreamRead: (grantee) => grantStreamRead(streamOf(table, scope), table.encryptionKey, grantee),
      grantDecrypt: (grantee) => {
        table.encryptionKey?.grantDecrypt(grantee);
      },
    };
  }

  private check(scope: IConstruct): void {
    const { idAttributes, fields, versionAttribute, entityTypes, entityTypeAttribute } = this.options;
    const named = { idAttributes, fields, versionAttribute: [versionAttribute] };
    for (const [prop, names] of Object.entries({ ...named, entityTypeAttribute: [entityTypeAttribute ?? 'none'] })) {
      if (names.length === 0) {
        throw failure(`source.${prop} must name at least one attribute, got: none`, scope);
      }
      const unfit = names.find((name) => !Token.isUnresolved(name) && !ATTRIBUTE.test(name));
      if (unfit !== undefined) {
        throw failure(`source.${prop} must be of letters, digits and _ (no digit first), got: ${unfit}`, scope);
      }
    }
    if ((entityTypes === undefined) !== (entityTypeAttribute === undefined)) {
      const got = entityTypes === undefined ? 'entityTypeAttribute' : 'entityTypes';
      throw failure(`source takes entityTypes and entityTypeAttribute together, got only: ${got}`, scope);
    }
    if (entityTypes?.length === 0) {
      throw failure('source.entityTypes must name at least one, got: none', scope);
    }
    const unfit = entityTypes?.find((type) => !Token.isUnresolved(type) && UNQUOTABLE.test(type));
    if (unfit !== undefined) {
      throw failure(`source.entityTypes must have no ", \\ and $, and no / first, got: ${unfit}`, scope);
    }
  }
}

function streamOf(table: dynamodb.ITable, scope: IConstruct): string {
  if (table.tableStreamArn === undefined) {
    throw failure(
      `source.table needs a stream of both images, ${table.node.path} has none: set stream, ` +
        'or give tableStreamArn where it is imported',
      scope,
    );
  }
  return table.tableStreamArn;
}
