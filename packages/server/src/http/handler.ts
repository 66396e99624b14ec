import type { AnswerOf, BodyOf, ParamsOf, QueryOf, RouteName, StatusOf } from '@chatelaine/api'
import type { Caller, OnceAsk } from '@chatelaine/core'
import type { Incoming } from './peer.ts'

/** One request that a route has understood: who asks, and what, in the types of the route's own schemas. */
export interface Ask<R extends RouteName> {
  /** `anonymous` on routes that look at no credential. */
  readonly caller: Caller
  readonly params: ParamsOf<R>
  readonly query: QueryOf<R>
  readonly body: BodyOf<R>
  /** Present when the route heeds `Idempotency-Key` and the request has one. */
  readonly once: OnceAsk | undefined
  readonly incoming: Incoming
}

/** One of the answers that the route's table row names, with the body that belongs to its status. */
export type Answer<R extends RouteName> = {
  [S in StatusOf<R>]: {
    readonly status: S
    readonly body: AnswerOf<R, S>
    readonly headers?: Readonly<Record<string, string>>
  }
}[StatusOf<R>]

/** Answers what it can and throws a `Failure` or an `HttpProblem` for what it refuses. */
export type Handler<R extends RouteName> = (ask: Ask<R>) => Answer<R> | Promise<Answer<R>>

/** A resource's part of the routes. */
export type Handlers<R extends RouteName> = { readonly [Name in R]: Handler<Name> }
