import { DataError } from '../errors.js';

/**
 * A SQL Server that cannot be reached, rejects the login, or answers with an error. `code` is one of `bad-url`,
 * `password-in-url`, `no-credentials`, `unknown-host`, `refused`, `time-out`, `too-long`, `tls`, `login`, `redirected`, `broken`; of a
 * statement whose rows were asked for, also `statement` (refused) and `too-slow`. The message contains neither a password
 * nor a control character.
 */
export class ServerError extends DataError {}
