import * as opensearch from 'aws-cdk-lib/aws-opensearchservice';
import { Construct } from 'constructs';
import { CollectionStore, SearchCollectionOptions } from './search-collection';
import { ExistingDomainStore, OwnDomainStore } from './search-domain';
import { ExistingDomainOptions, SearchDomainOptions } from './search-domain-options';
import { SearchStore, StoreProps } from './search-store';

/** Where the index lives. */
export abstract class SearchTarget {
  /**
   * A domain of its own: encrypted, TLS only, with fine-grained access control, small by default. It is charged by the
   * hour, about 28 USD a month as it is by default.
   */
  public static domain(options: SearchDomainOptions = {}): SearchTarget {
    return new Target((scope, props) => new OwnDomainStore(scope, options, props));
  }

  /** A domain that is there already. */
  public static existingDomain(domain: opensearch.IDomain, options: ExistingDomainOptions = {}): SearchTarget {
    return new Target((scope, props) => new ExistingDomainStore(scope, domain, options, props));
  }

  /**
   * A serverless collection of its own. Its least compute units are charged by the hour, about 350 USD a month with
   * standby replicas and 175 without.
   */
  public static serverlessCollection(options: SearchCollectionOptions = {}): SearchTarget {
    return new Target((scope, props) => new CollectionStore(scope, options, props));
  }

  /** @internal */
  public abstract _bind(scope: Construct, props: StoreProps): SearchStore;
}

class Target extends SearchTarget {
  public constructor(private readonly make: (scope: Construct, props: StoreProps) => SearchStore) {
    super();
  }

  public _bind(scope: Construct, props: StoreProps): SearchStore {
    return this.make(scope, props);
  }
}
