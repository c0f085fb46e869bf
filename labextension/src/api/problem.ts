/** What went wrong, as `application/problem+json` (RFC 9457) says it. */

/** JupyterHub's answer for a server that is not there. */
const NO_SERVER = 424;

/** A fault in one field of a request. */
export interface IFieldError {
  field?: string;
  message: string;
}

/** The body of a problem reply, plus the status of the reply itself. */
export interface IProblem {
  status: number;
  title: string;
  detail: string;
  hint: string;
  type?: string;
  errors?: readonly IFieldError[];
  /** What goes with it, for example the versions of a conflict or the plan as it is now. */
  context?: Readonly<Record<string, unknown>>;
}

/** The one error class of the client: what happened, to what, what to do next. */
export class Problem extends Error implements IProblem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly hint: string;
  readonly type: string;
  readonly errors: readonly IFieldError[];
  readonly context: Readonly<Record<string, unknown>>;

  constructor(body: IProblem) {
    super(body.detail || body.title);
    this.name = 'Problem';
    this.status = body.status;
    this.title = body.title;
    this.detail = body.detail;
    this.hint = body.hint;
    this.type = body.type ?? 'about:blank';
    this.errors = body.errors ?? [];
    this.context = body.context ?? {};
  }

  /** The server could not be reached at all. */
  get isNetwork(): boolean {
    return this.status === 0;
  }

  /** The visitor lacks the permission. */
  get isForbidden(): boolean {
    return this.status === 403;
  }

  /** Somebody else changed it, or the plan is stale. */
  get isConflict(): boolean {
    return this.status === 409 || this.status === 412;
  }

  /** Return everything that helps whoever is asked for help, as plain text. */
  toText(): string {
    const lines = [
      `${this.title} (${this.status || 'no answer'})`,
      this.detail,
      this.hint && `What to do: ${this.hint}`,
      ...this.errors.map(error => `${error.field ?? 'request'}: ${error.message}`),
      this.type !== 'about:blank' && `Type: ${this.type}`,
      ...Object.entries(this.context).map(([key, value]) => `${key}: ${JSON.stringify(value)}`),
      `Seen: ${new Date().toISOString()}`
    ];
    return lines.filter(Boolean).join('\n');
  }

  /** Return the problem that a reply's body describes; a body of another kind gets our words. */
  static fromReply(status: number, statusText: string, text: string): Problem {
    const body = parseObject(text);
    const said = (key: string): string => (typeof body[key] === 'string' ? body[key] : '');
    if (status === NO_SERVER && !said('title')) {
      return new Problem({
        status,
        title: 'Your server is not running',
        detail: 'JupyterHub answers in its place.',
        hint: 'Start it again as JupyterLab offers, or load the page anew. Jobs then go on.'
      });
    }
    return new Problem({
      status,
      title: said('title') || statusText || `The server answered ${status}`,
      detail: said('detail') || said('message') || said('reason'),
      hint:
        said('hint') || (status >= 500 ? 'Try again; if it stays, look at the server log.' : ''),
      type: said('type') || undefined,
      errors: fieldErrors(body.errors),
      context: asObject(body.context)
    });
  }

  /** Return `reason` itself when it is a problem already, otherwise the problem that it means. */
  static from(reason: unknown): Problem {
    if (reason instanceof Problem) {
      return reason;
    }
    const detail = reason instanceof Error ? reason.message : String(reason);
    return new Problem({ status: 0, title: 'This page failed', detail, hint: 'Reload the page.' });
  }

  /** Return the problem of a server that gave no answer. */
  static unreachable(reason: unknown): Problem {
    return new Problem({
      status: 0,
      title: 'Your server did not answer',
      detail: `The browser says: ${reason instanceof Error ? reason.message : String(reason)}`,
      hint: 'Look at your network connection. What was already started goes on without this page.'
    });
  }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return {};
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function fieldErrors(value: unknown): IFieldError[] {
  if (!Array.isArray(value)) {
    return [];
  }
  return value.map((item: unknown): IFieldError => {
    const { field, message } = asObject(item);
    return {
      field: typeof field === 'string' ? field : undefined,
      message: String(message ?? item)
    };
  });
}
