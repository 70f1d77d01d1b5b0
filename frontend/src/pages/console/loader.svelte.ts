// One list or thing from the site: not yet there, there, or not to be had and why.
import { ApiError } from "../../api/http";

export class Loader<T> {
  value = $state.raw<T | undefined>();
  /** The code of what went wrong; "" while all is well. */
  problem = $state("");
  readonly #load: () => Promise<T>;
  readonly #signedOut: () => void;

  constructor(load: () => Promise<T>, signedOut: () => void) {
    this.#load = load;
    this.#signedOut = signedOut;
    void this.refresh();
  }

  async refresh(): Promise<void> {
    try {
      this.value = await this.#load();
      this.problem = "";
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      if (e.status === 401) this.#signedOut();
      else this.problem = e.code;
    }
  }
}
