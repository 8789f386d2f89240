import { startSignIn } from './sign-in-form';

/** Sign-in on the page of an API's documents: what is tried out is sent with the access token. */

declare global {
  interface Window {
    /** Swagger UI, as `explorer.js` has started it. */
    readonly ui?: {
      readonly authActions?: { logout(schemes: readonly string[]): unknown };
      preauthorizeApiKey(scheme: string, token: string): unknown;
    };
  }
}

/** Under which the API documents declare their tokens. */
const SCHEME = 'Bearer';

const form = document.querySelector<HTMLFormElement>('#sign-in');
if (form) {
  startSignIn(form, {
    use: ({ accessToken }) => window.ui?.preauthorizeApiKey(SCHEME, accessToken),
    end: () => window.ui?.authActions?.logout([SCHEME]),
  });
}
