import { readFileSync } from 'fs';

import { NAME, VERSION } from '../src/tokens';

const read = (path: string): string => readFileSync(`${__dirname}/../${path}`, 'utf-8');

describe('package', () => {
  it('test_version_when_compared_then_the_code_and_the_package_name_the_same', () => {
    const { name, version } = JSON.parse(read('package.json'));
    expect([NAME, VERSION]).toEqual([name, version]);
  });

  it('test_lock_when_read_then_names_no_registry', () => {
    expect(read('package-lock.json')).not.toContain('"resolved"');
  });
});
