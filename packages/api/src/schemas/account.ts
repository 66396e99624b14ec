import { z } from 'zod'
import {
  emailLengthMax,
  externalIdLengthMax,
  issuerLengthMax,
  nameLengthMax,
  passwordLengthMax,
  passwordLengthMin,
  searchLengthMax,
  subjectLengthMax,
  usernameLengthMax,
} from '../bounds.ts'
import { accountId, answeredInstant, characters, cursor, pageLimit, pageOf, text } from '../fields.ts'

export const accountRoles = ['member', 'admin'] as const
export const accountStatuses = ['active', 'disabled'] as const

export const username = text({ lengthMin: 1, lengthMax: usernameLengthMax })
  .regex(/^\S(?:.*\S)?$/u, { error: 'must not be empty, nor begin or end with a space' })
  .describe('What the person or machine signs in as; unique without regard to case.')
export const email = text({ lengthMin: 3, lengthMax: emailLengthMax })
  .regex(/^[^\s@]+@[^\s@]+$/u, { error: 'must be an e-mail address, such as ada@example.org' })
  .describe('Unique without regard to case.')
export const name = text({ lengthMax: nameLengthMax }).describe('What people call the person or machine.')
export const newPassword = characters({ lengthMin: passwordLengthMin, lengthMax: passwordLengthMax }).describe(
  `At least ${passwordLengthMin} characters; several words are easier to remember than signs.`,
)
export const externalId = text({ lengthMin: 1, lengthMax: externalIdLengthMax }).describe(
  "The platform's own id of this user; unique.",
)
export const Identity = z
  .strictObject({
    issuer: text({ lengthMin: 1, lengthMax: issuerLengthMax }).describe(
      'The provider, by the address with which it names itself.',
    ),
    subject: text({ lengthMin: 1, lengthMax: subjectLengthMax }).describe(
      'How the provider names this person, for ever.',
    ),
  })
  .describe('Whom a provider of single sign-on vouches for. Unique.')
const role = z.enum(accountRoles).describe('Administrators manage all accounts and tokens.')

export const Account = z
  .strictObject({
    id: accountId.describe('Public; safe in logs.'),
    serial: z.int().positive().describe('A number from 1, unique among accounts and never reused.'),
    uuid: z.uuid().describe('The same account for systems that need a UUID.'),
    username: z.string().describe('What the person or machine signs in as; unique without regard to case.'),
    email: z.string().nullable().describe('Unique without regard to case.'),
    name: z.string().describe('What people call the person or machine.'),
    role,
    status: z.enum(accountStatuses).describe('A disabled account cannot sign in, and its tokens are refused.'),
    external_id: z.string().nullable().describe("The platform's own id of this user; unique."),
    identity: Identity.nullable().describe('Who signs in to it through single sign-on; null: nobody.'),
    has_password: z.boolean().describe('Whether it can sign in with a password.'),
    created_at: answeredInstant.describe('When it was made.'),
    last_sign_in_at: answeredInstant.nullable().describe('When it last signed in.'),
  })
  .describe('A person or machine that can sign in or own tokens.')

export const AccountList = pageOf(Account).describe('A page of accounts.')

export const AccountCreate = z
  .strictObject({
    username,
    email: email.exactOptional(),
    name: name.exactOptional(),
    role: role.default('member'),
    external_id: externalId.exactOptional(),
    identity: Identity.exactOptional().describe('Who may sign in to it through single sign-on.'),
    password: newPassword.exactOptional(),
  })
  .describe('Whom to add. Without a password the account cannot sign in with one, but may own tokens.')

const changesSomething = {
  error: 'changes nothing; name at least one field',
}

export const AccountUpdate = z
  .strictObject({
    username: username.exactOptional(),
    email: email.nullable().exactOptional().describe('The e-mail address; null takes it away.'),
    name: name.exactOptional(),
    role: role.exactOptional(),
    status: z.enum(accountStatuses).exactOptional().describe('`disabled` refuses its tokens and ends its sessions.'),
    external_id: externalId
      .nullable()
      .exactOptional()
      .describe("The platform's own id of this user; null takes it away."),
    identity: Identity.nullable()
      .exactOptional()
      .describe('Who signs in to it through single sign-on; null: nobody. Replacing it ends its sessions.'),
  })
  .refine((change) => Object.keys(change).length > 0, changesSomething)
  .describe('What to change; what is left out stays as it is.')

export const OwnAccountUpdate = z
  .strictObject({
    email: email.nullable().exactOptional().describe('The e-mail address; null takes it away.'),
    name: name.exactOptional(),
  })
  .refine((change) => Object.keys(change).length > 0, changesSomething)
  .describe('What to change of oneself; what is left out stays as it is.')

export const IdentityConnection = z
  .strictObject({
    location: z.url().describe('A page of the provider of single sign-on; it sends the browser back here.'),
  })
  .describe('How single sign-on is connected.')

export const PasswordChange = z
  .strictObject({
    current_password: characters({ lengthMax: passwordLengthMax })
      .exactOptional()
      .describe('Needed to change the password of oneself.'),
    new_password: newPassword,
    revoke_tokens: z
      .boolean()
      .default(false)
      .describe("True: the account's tokens are revoked too. Its sessions end in any case."),
  })
  .describe('The new password.')

export const AccountListQuery = z.strictObject({
  role: role.exactOptional(),
  status: z.enum(accountStatuses).exactOptional().describe('Only accounts with this status.'),
  external_id: externalId.exactOptional(),
  q: text({ lengthMax: searchLengthMax })
    .exactOptional()
    .describe('Only accounts whose user name, e-mail address or name contains this.'),
  limit: pageLimit,
  cursor: cursor.exactOptional(),
})
