const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Tests of the whole system first: they take longest and wait most, and a fresh clone has no record of durations by
 * which jest would know.
 */
module.exports = class extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isLong = ({ path }) => path.includes('/test/e2e/');
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
};
