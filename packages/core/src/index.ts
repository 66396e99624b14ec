// The domain, in the order in which it reads as a specification.

// The words.
export * from './time.ts'
export * from './json.ts'
export * from './id.ts'
export * from './failure.ts'
export * from './scope.ts'
export * from './address.ts'
export * from './rate.ts'
export * from './rotation.ts'
export * from './token.ts'
export * from './account.ts'
export * from './project.ts'
export * from './session.ts'
export * from './policy.ts'
export * from './caller.ts'
export * from './change.ts'
export * from './entry-json.ts'
export * from './chain.ts'
export * from './export.ts'
export * from './takeaway.ts'

// What the domain needs of the world.
export * from './ports.ts'

// Whether a token is good.
export * from './decide.ts'
export * from './memory.ts'
export * from './freshness.ts'
export * from './verifier.ts'
export * from './verify-for.ts'
export * from './uses.ts'

// Who may do what.
export * from './authorise.ts'
export * from './grow.ts'

// What can be done.
export * from './commit.ts'
export * from './once.ts'
export * from './token-owner.ts'
export * from './issue.ts'
export * from './change-token.ts'
export * from './rotate.ts'
export * from './revoke.ts'
export * from './token-access.ts'
export * from './read-tokens.ts'
export * from './accounts.ts'
export * from './projects.ts'
export * from './attempts.ts'
export * from './sign-in.ts'
export * from './set-up.ts'
export * from './audit.ts'
export * from './exposure.ts'
export * from './retired-uses.ts'
export * from './upkeep.ts'
