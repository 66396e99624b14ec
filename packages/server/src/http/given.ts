/** What each field of a body or a query says in the words of the domain. The compiler asks for those that are new. */
export type Meanings<Asked, Said> = {
  readonly [Name in keyof Asked]-?: (value: Exclude<Asked[Name], undefined>) => Partial<Said>
}

/** All that is said by the fields that were given. */
export function saidBy<Asked extends object, Said>(asked: Asked, meanings: Meanings<Asked, Said>): Partial<Said> {
  const said: Partial<Said> = {}
  for (const name of Object.keys(meanings) as (keyof Asked)[]) {
    const value = asked[name]
    if (value !== undefined) Object.assign(said, meanings[name](value as Exclude<Asked[keyof Asked], undefined>))
  }
  return said
}
