import { Ring } from '../ring';

/** Messages kept for the page. */
const KEPT = 50;

/** What AWS would have mailed. */
export interface Message {
  readonly time: number;
  readonly to: string;
  /** `code` or `temporary password`. */
  readonly kind: string;
  readonly text: string;
  /** What it is for: `sign-up`. */
  readonly purpose: string;
}

/** Nothing is mailed here: what would be is printed for who runs the app, and shown on the page. */
export class Messages {
  private readonly sent = new Ring<Message>(KEPT);

  public constructor(
    private readonly now: () => number,
    private readonly log: (line: string) => void,
  ) {}

  public send(message: Omit<Message, 'time'>): void {
    this.sent.push({ time: this.now(), ...message });
    const { kind, text, to, purpose } = message;
    this.log(`${kind} ${text} for ${to} (${purpose})`);
  }

  /** Oldest first. */
  public list(): readonly Message[] {
    return this.sent.list();
  }
}
