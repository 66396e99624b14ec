import { ModelStore } from '../../packages/core/test/model-store.ts'
import { describeEveryPort } from './every-port.ts'
import type { OpenStorage } from './suite.ts'

// The model that core's own tests run on keeps the same promises as the backends that stand in for it later.
const open: OpenStorage = async () => new ModelStore('model00000000000')

describeEveryPort(open, {
  skip: [
    {
      promise: 'a request that cannot be carried out takes nothing of the others with it',
      reason: 'the model takes any text',
    },
  ],
})
