import { z } from 'zod'
import { passwordLengthMax, setupCodeLengthMax, usernameLengthMax } from '../bounds.ts'
import { answeredInstant, characters, flag } from '../fields.ts'
import { Account, email, name, newPassword, username } from './account.ts'

export const SessionCreate = z
  .strictObject({
    username: characters({ lengthMax: usernameLengthMax }).describe('The user name, in any case.'),
    password: characters({ lengthMax: passwordLengthMax }).describe('The password.'),
  })
  .describe('Who signs in.')

export const SignInMethods = z
  .strictObject({
    single_sign_on: z
      .string()
      .nullable()
      .describe(
        'Where single sign-on begins, as a path of this server; `?return_to=` takes the page to come back to. Null: there is none.',
      ),
  })
  .describe('How people may sign in, besides with user name and password.')

export const SessionState = z
  .strictObject({
    account: Account.describe('Who is signed in.'),
    created_at: answeredInstant.describe('When the session began.'),
    expires_at: answeredInstant.describe(
      'When it ends at the latest; it ends earlier when it is not used for an hour.',
    ),
  })
  .describe('A session of the console.')

export const Setup = z
  .strictObject({
    code: characters({ lengthMax: setupCodeLengthMax }).describe(
      'The code of the set-up link that the server printed.',
    ),
    username,
    password: newPassword,
    name: name.exactOptional(),
    email: email.exactOptional(),
  })
  .describe('The first administrator.')

export const SignOutQuery = z.strictObject({
  everywhere: flag.default(false).describe('True: every session of the account ends, on every browser.'),
})
