/**
 * A suite whose tests go on where the one before stopped: after the first that fails the rest of it
 * is skipped, since what follows a wrong turn says nothing. Mocha's own `bail` also skips a suite
 * when one of another file has failed before it, and is not used for that.
 */
export function oneStory(suite: Mocha.Suite): void {
  suite.beforeEach(function () {
    if (suite.tests.some((test) => test.isFailed())) this.skip()
  })
}
