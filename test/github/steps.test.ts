import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

const read = (workflow: string) =>
  readFileSync(join(import.meta.dirname, '..', '..', '.github', 'workflows', workflow), 'utf8')
const deploy = read('deploy.yml')
const workflows = deploy + read('pull-request.yml')

/** The script of a step, as GitHub passes it to bash. */
function scriptOf(step: string): string {
  const [, rest = ''] = workflows.split(`- name: ${step}\n`)
  const [, script = ''] = /^ {8}run: \|\n((?: {10}.*\n|\n)+)/m.exec(rest) ?? []
  if (script === '') throw new Error(`The workflow has no step "${step}"`)
  return script.replaceAll(/^ {10}/gm, '')
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'create-order-deploy-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Puts a fake of a command into the folder. Its output depends on its arguments. */
function standIn(command: string, answers: Record<string, string>): void {
  const cases = Object.entries(answers).map(([part, answer]) => `*'${part}'*) echo '${answer}' ;;`)
  const log = `echo "$*\${SMOKE_TOKEN:+ with $SMOKE_TOKEN}" >>calls`
  const script = `#!/usr/bin/env bash\n${log}\ncase "$*" in\n${cases.join('\n')}\n*) exit 1 ;;\nesac\n`
  writeFileSync(join(folder, command), script, { mode: 0o755 })
}

/** Runs a step with a fake of a command. */
function run(
  step: string,
  command: string,
  answers: Record<string, string>,
  environment: Record<string, string> = {},
  directory = '.',
) {
  standIn(command, answers)
  const { status, stdout } = spawnSync('bash', ['-e', '-c', scriptOf(step)], {
    cwd: join(folder, directory),
    encoding: 'utf8',
    env: {
      PATH: [folder, dirname(process.execPath), process.env.PATH].join(delimiter),
      ENVIRONMENT: 'prod',
      GITHUB_REPOSITORY: 'owner/name',
      GITHUB_SHA: 'this',
      ...environment,
    },
  })
  const calls = existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8') : ''
  return { status, stdout, calls }
}

describe('a commit', () => {
  const step = 'Refuse to deploy an older commit than the one that is there'
  test.each([
    ['behind', 1],
    ['ahead', 0],
    ['identical', 0],
    ['diverged', 0],
  ])('that is %s the deployed one ends with %i', (how, status) => {
    const deployed = { 'deployments?environment=prod': '7 deployed', '7/statuses': 'success' }

    expect(run(step, 'gh', { ...deployed, 'compare/deployed...this': how }).status).toBe(status)
  })

  test('is deployed if there was no successful deployment before', () => {
    expect(run(step, 'gh', { 'deployments?environment=prod': '' }).status).toBe(0)
    const failed = { 'deployments?environment=prod': '7 deployed', '7/statuses': 'failure' }
    expect(run(step, 'gh', failed).status).toBe(0)
  })
})

describe('a stack', () => {
  const step = 'Let a creation that failed be repeated'
  const unprotected = /update-termination-protection --no-enable-termination-protection --stack-name (\S+)/g
  const unprotectedOf = (status: string) => {
    const { calls } = run(step, 'aws', {
      'describe-stacks --stack-name create-order-prod-stateful': status,
      'describe-stacks --stack-name create-order-prod-stateless': 'UPDATE_COMPLETE',
      'update-termination-protection': '',
    })
    return [...calls.matchAll(unprotected)].map(([, stack]) => stack)
  }

  test.each(['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED'])(
    'whose creation ended in %s may be deleted',
    (status) => {
      expect(unprotectedOf(status)).toEqual(['create-order-prod-stateful'])
    },
  )

  test.each(['CREATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'UPDATE_ROLLBACK_FAILED'])(
    'that existed before, in %s, stays protected',
    (status) => expect(unprotectedOf(status)).toEqual([]),
  )

  test('that does not exist is not an error', () => {
    expect(run(step, 'aws', {}).status).toBe(0)
  })
})

describe('a vendor that has orders', () => {
  const step = 'Refuse to delete a vendor that has orders'

  test('is not deleted: nothing is deployed', () => {
    const ofCarrier = { 'removed-vendors.mjs --env prod': '' }

    expect(run(step, 'node', ofCarrier).status).toBe(0)
    expect(run(step, 'node', {}).status).toBe(1)
    expect(deploy.indexOf(step)).toBeLessThan(deploy.indexOf('- name: Deploy\n'))
  })
})

describe('provisioned concurrency', () => {
  const step = 'Verify that as many instances are kept warm as the template says'
  const verify = (properties: object | undefined, warm: string) => {
    const Resources = {
      Table: { Type: 'AWS::DynamoDB::Table', Properties: {} },
      ...(properties && { Alias: { Type: 'AWS::Lambda::Alias', Properties: properties } }),
    }
    mkdirSync(join(folder, 'assemblies', 'prod'), { recursive: true })
    const file = join(folder, 'assemblies', 'prod', 'create-order-prod-stateless.template.json')
    writeFileSync(file, JSON.stringify({ Resources }))
    return run(step, 'aws', {
      '--logical-resource-id Alias': 'arn:aws:lambda:eu-central-1:111122223333:function:create:live',
      '--function-name arn:aws:lambda:eu-central-1:111122223333:function:create ': warm,
    })
  }
  const two = { ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 } }

  test('that matches the template succeeds, and so does none', () => {
    expect(verify(two, '2.0').status).toBe(0)
    expect(verify({}, '0').status).toBe(0)
    expect(verify(undefined, '').status).toBe(0)
  })

  test.each([
    [two, '1.0', '1 instances warm instead of 2'],
    [two, '0', '0 instances warm instead of 2'],
    [{}, '2.0', '2 instances warm instead of 0'],
  ])('of %j that is %s is an error', (properties, warm, words) => {
    expect(verify(properties, warm)).toMatchObject({ status: 1, stdout: expect.stringContaining(words) })
  })
})

describe('the smoke test', () => {
  const smoke = (environment: Record<string, string>) => {
    standIn('jq', { access_token: 'token-of-ours' })
    standIn('curl', { 'https://issuer.example/token -u smoke:secret': '{}' })
    return run('Smoke test', 'node', { 'smoke --env prod': '' }, environment)
  }

  test("gets its token from the stack's own issuer if the environment names no other", () => {
    const { status, calls } = smoke({ TOKEN_URL: '' })

    expect(status).toBe(0)
    expect(calls).toBe('orderctl.mjs smoke --env prod\n')
  })

  test('gets it from your own issuer if the environment names one', () => {
    const own = { TOKEN_URL: 'https://issuer.example/token', CLIENT_ID: 'smoke', CLIENT_SECRET: 'secret' }
    const { status, calls, stdout } = smoke(own)

    expect(status).toBe(0)
    expect(calls).toContain('orderctl.mjs smoke --env prod with token-of-ours')
    expect(stdout).toContain('::add-mask::token-of-ours')
  })
})

describe('the diff of a pull request', () => {
  const synthesize = (side: 'base' | 'head', env: string, ...kinds: string[]) => {
    const output = join(folder, 'synthesized', side, env)
    mkdirSync(output, { recursive: true })
    for (const kind of kinds)
      writeFileSync(join(output, `create-order-${env}-${kind}.template.json`), '{"Resources": {}}')
  }

  test('covers every current, former and future stack of every environment', () => {
    mkdirSync(join(folder, 'head'))
    synthesize('base', 'dev', 'stateful', 'stateless', 'old')
    synthesize('head', 'dev', 'stateful', 'stateless', 'vendors')
    for (const side of ['base', 'head'] as const)
      for (const env of ['staging', 'prod']) synthesize(side, env, 'stateful')

    const { status, stdout } = run('Compare', 'npx', { 'cdk diff': 'Changed' }, {}, 'head')

    const calls = readFileSync(join(folder, 'head', 'calls'), 'utf8')
    const compared = [...calls.matchAll(/--template \S*synthesized\/base\/\S+ (\S+)/g)].map(
      ([, stack]) => stack,
    )
    expect(compared).toEqual(
      ['dev-stateful', 'dev-stateless', 'dev-vendors', 'staging-stateful', 'prod-stateful'].map(
        (stack) => `create-order-${stack}`,
      ),
    )
    expect(stdout).toContain('Stack create-order-dev-old is gone')
    const template = join(folder, 'synthesized', 'base', 'dev', 'create-order-dev-vendors.template.json')
    expect(readFileSync(template, 'utf8')).toBe('{}\n')
    expect(readFileSync(join(folder, 'diff.txt'), 'utf8')).toContain('Changed')
    expect(status).toBe(0)
  })
})
