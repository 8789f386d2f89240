import {
  CognitoError,
  confirmSignUp,
  giveCode,
  refresh,
  resendCode,
  setNewPassword,
  signIn,
  type SignInStep,
  signOut as endSession,
  signUp,
  type Tokens,
  type UserPoolClient,
} from './cognito-sign-in';

/** What a page does with the sign-in of its user. */
export interface SignInUse {
  /** The user has signed in, or the tokens were made anew. */
  use(tokens: Tokens): void;
  /** The session has ended. */
  end(): void;
}

/** So long before they end, tokens are made anew. */
const SPARE_SECONDS = 60;

type Step = 'out' | 'confirm' | 'new password' | 'code' | 'in';
type Challenge = Exclude<SignInStep, { readonly kind: 'signed in' }>;

/**
 * Starts the form of `sign-in.html`: signs up and in at the user pool that its data attributes name. Tokens and passwords
 * stay in the memory of the page.
 */
export function startSignIn(form: HTMLFormElement, page: SignInUse): void {
  const { endpoint = '', userPoolId = '', clientId = '' } = form.dataset;
  const pool: UserPoolClient = { endpoint, userPoolId, clientId };
  const fieldsets = [...form.querySelectorAll('fieldset')];
  const status = form.querySelector<HTMLElement>('[role=status]');
  let challenge: Challenge | undefined;
  let renewal: ReturnType<typeof setTimeout> | undefined;
  let refreshToken: string | undefined;
  /** Grows with each sign-out: what was under way before it changes nothing any more. */
  let session = 0;

  const field = (name: string): string => form.querySelector<HTMLInputElement>(`input[name=${name}]`)?.value ?? '';
  const email = (): string => field('email').trim();

  function say(text: string, wrong = false): void {
    if (status) {
      status.textContent = text;
      status.toggleAttribute('data-wrong', wrong);
    }
  }

  /** What is hidden is disabled too, so that the browser asks for nothing in it. */
  function show(step: Step): void {
    for (const fieldset of fieldsets) {
      fieldset.hidden = fieldset.dataset.step !== step;
      fieldset.disabled = fieldset.hidden;
    }
  }

  function use(tokens: Tokens): void {
    page.use(tokens);
    clearTimeout(renewal);
    refreshToken = tokens.refreshToken;
    const mine = session;
    const renew = (): void => {
      refresh(pool, tokens.refreshToken).then(
        (renewed) => mine === session && use(renewed),
        () => mine === session && signedOut('Signed out: the session has ended'),
      );
    };
    renewal = setTimeout(renew, Math.max(1, tokens.expiresIn - SPARE_SECONDS) * 1000);
  }

  function signedOut(text: string): void {
    clearTimeout(renewal);
    session++;
    // Of the pool too, so that nothing that is left of it is good; it may have ended by itself.
    if (refreshToken !== undefined) endSession(pool, refreshToken).catch(() => undefined);
    refreshToken = undefined;
    page.end();
    challenge = undefined;
    show('out');
    say(text);
  }

  function goOn(step: SignInStep, mine: number): void {
    if (mine !== session) return;
    if (step.kind === 'signed in') {
      use(step.tokens);
      form.querySelectorAll<HTMLInputElement>('input:not([name=email])').forEach((input) => (input.value = ''));
      show('in');
      say(`Signed in as ${email()}: requests are sent with your token`);
      return;
    }
    challenge = step;
    show(step.kind);
    say(step.kind === 'code' ? 'A code of your authenticator app is needed' : 'Choose a password of your own');
  }

  function asked(): Challenge {
    if (!challenge) throw new Error('Sign in first');
    return challenge;
  }

  const actions: Readonly<Record<string, (mine: number) => Promise<void> | void>> = {
    'sign-in': async (mine) => {
      try {
        goOn(await signIn(pool, email(), field('password')), mine);
      } catch (error) {
        if (!(error instanceof CognitoError) || error.code !== 'UserNotConfirmedException') throw error;
        show('confirm');
        say('This e-mail is not confirmed yet');
      }
    },
    'sign-up': async (mine) => {
      if (await signUp(pool, email(), field('password'))) {
        show('confirm');
        say(`A code was sent to ${email()}`);
        return;
      }
      goOn(await signIn(pool, email(), field('password')), mine);
    },
    confirm: async (mine) => {
      await confirmSignUp(pool, email(), field('code').trim());
      goOn(await signIn(pool, email(), field('password')), mine);
    },
    resend: async () => {
      await resendCode(pool, email());
      say(`Another code was sent to ${email()}`);
    },
    'new-password': async (mine) => goOn(await setNewPassword(pool, asked(), field('newPassword')), mine),
    'app-code': async (mine) => goOn(await giveCode(pool, asked(), field('appCode').trim()), mine),
    back: () => signedOut(''),
    'sign-out': () => signedOut('Signed out'),
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const { submitter } = event as SubmitEvent;
    const action = actions[(submitter as HTMLButtonElement | null)?.value ?? ''];
    if (!action) return;
    say('…');
    const failed = (error: unknown): void => say(error instanceof Error ? error.message : String(error), true);
    Promise.resolve(session).then(action).catch(failed);
  });
  show('out');
}
