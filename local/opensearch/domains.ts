import { RestRequest } from './routes';

/** An answer, as an object or as the text of another. */
export interface DomainAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A domain that answers. */
export interface Domain {
  readonly name: string;
  readonly arn: string;
  /** Host name in AWS. */
  readonly host: string;
  /** Where it is on this machine: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** @param roleArn of the caller; undefined for the runner itself */
  answer(request: RestRequest, roleArn: string | undefined): Promise<DomainAnswer>;
}

/** The address of a domain as templates build it. */
const ADDRESS = /https:\/\/((?:search|vpc)-[a-z0-9-]+\.[a-z0-9-]+\.es\.amazonaws\.com)(?::443)?/g;

/** The domains of the run. */
export class Domains {
  private readonly byName = new Map<string, Domain>();

  public add(domain: Domain): void {
    this.byName.set(domain.name, domain);
  }

  public get(name: string): Domain | undefined {
    return this.byName.get(name);
  }

  public all(): readonly Domain[] {
    return [...this.byName.values()];
  }

  /** Puts the addresses on this machine in the place of those in AWS. */
  public localizeAddresses(text: string): string {
    return text.replace(
      ADDRESS,
      (address, host: string) => this.all().find((domain) => domain.host === host)?.url ?? address,
    );
  }
}
