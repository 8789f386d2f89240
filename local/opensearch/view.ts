import { FieldValues, Mapping } from './mapping';
import { TextField } from './text-field';
import { Json } from '../aws/protocol';

/** A document as it was written. */
export interface StoredDocument {
  readonly id: string;
  readonly version: number;
  /** Grows with each write to the index: the order of documents that nothing else orders. */
  readonly seqNo: number;
  readonly source: Json;
  readonly values: FieldValues;
}

/** What searches see of an index: its documents as of the last refresh. */
export class View {
  private readonly byId = new Map<string, StoredDocument>();
  private readonly bySeqNo = new Map<number, StoredDocument>();
  private readonly texts = new Map<string, TextField>();

  public constructor(
    public readonly index: string,
    /** The mapping as it is now. */
    public readonly mapping: () => Mapping,
  ) {}

  public documents(): Iterable<StoredDocument> {
    return this.byId.values();
  }

  public get size(): number {
    return this.byId.size;
  }

  public get(id: string): StoredDocument | undefined {
    return this.byId.get(id);
  }

  /** Puts a document in the place of the one of this id; undefined takes it away. */
  public set(id: string, document: StoredDocument | undefined): void {
    const old = this.byId.get(id);
    if (old !== undefined) {
      this.eachText(old, (field, text) => this.texts.get(field)?.remove(old.seqNo, text));
      this.byId.delete(id);
      this.bySeqNo.delete(old.seqNo);
    }
    if (document === undefined) return;
    this.byId.set(id, document);
    this.bySeqNo.set(document.seqNo, document);
    this.eachText(document, (field, text) => {
      let index = this.texts.get(field);
      if (index === undefined) this.texts.set(field, (index = new TextField()));
      index.add(document.seqNo, text);
    });
  }

  /** Documents of a word of a text field, with their scores. */
  public ofTerm(field: string, term: string): Map<StoredDocument, number> {
    const found = new Map<StoredDocument, number>();
    for (const [seqNo, score] of this.texts.get(field)?.scores(term) ?? []) {
      const document = this.bySeqNo.get(seqNo);
      if (document !== undefined) found.set(document, score);
    }
    return found;
  }

  private eachText(document: StoredDocument, each: (field: string, text: string) => void): void {
    for (const [name, values] of document.values) {
      if (this.mapping().fields.get(name)?.type === 'text') each(name, values.join('\n'));
    }
  }
}
