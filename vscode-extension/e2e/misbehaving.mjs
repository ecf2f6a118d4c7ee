// Programs in the place of forge-lsp that are of no use, and what the editor has to say about them.
const version = `if (process.argv[2] === '--version') { console.log('forge-lsp 9.0.0'); process.exit(0); }`;

export const misbehaving = [
  {
    name: 'is too old',
    program: `console.log('forge-lsp 0.0.9');`,
    status: 'is version 0.0.9; this extension needs',
    says: 'Update it, or set',
  },
  {
    name: 'is another program',
    program: `console.log('I am a teapot');`,
    status: 'does not answer',
    says: 'I am a teapot',
  },
  {
    name: 'dies at once',
    program: `${version} process.exit(3);`,
    status: 'ended with code 3. It is started again',
  },
  {
    name: 'prints rubbish',
    program: `${version} console.log('Segmentation fault\\r\\n\\r\\n{}'); setInterval(() => undefined, 1000);`,
    status: 'does not speak the protocol',
  },
  {
    name: 'hangs',
    program: `setInterval(() => undefined, 1000);`,
    status: 'does not answer',
    says: 'does not answer',
  },
];
