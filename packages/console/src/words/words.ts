import { en } from './en.ts'

/** Everything that the console says. Another language is another object of this type. */
export type Words = typeof en

/** Those in use. */
export const words: Words = en
