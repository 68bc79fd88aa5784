import { describe, expect, it } from 'vitest';
import { AllowList } from './allow-list.ts';

describe('an allow-list', () => {
  const list = new AllowList([
    'API.example.com',
    'db.example.com:5432',
    '*.github.com',
    '[::1]:8443',
    'localhost:1',
  ]);

  it.each([
    ['api.example.com:443', { host: 'api.example.com', port: 443 }],
    ['API.Example.com.:443', { host: 'api.example.com', port: 443 }],
    ['db.example.com:5432', { host: 'db.example.com', port: 5432 }],
    ['raw.github.com:443', { host: 'raw.github.com', port: 443 }],
    ['a.b.github.com:443', { host: 'a.b.github.com', port: 443 }],
    ['[::1]:8443', { host: '::1', port: 8443 }],
  ])('lets %s through', (authority, expected) => {
    expect(list.find(authority)).toEqual(expected);
  });

  it.each([
    'api.example.com:80',
    'db.example.com:443',
    'github.com:443',
    'evilgithub.com:443',
    'api.example.com.evil.com:443',
    'api.example.com@evil.com:443',
    '127.0.0.1:1',
    '.github.com:80',
    '',
    ':443',
  ])('does not let %s through', (authority) => {
    expect(list.find(authority)).toBeUndefined();
  });

  it('opens private addresses only where one stands in it', () => {
    expect(list.addresses).toEqual(['::1', 'localhost']);
  });
});
