import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const folder = join(import.meta.dirname, '..', '..', '.github')
const read = (path: string) => readFileSync(join(folder, path), 'utf8')
const workflows = readdirSync(join(folder, 'workflows')).map(
  (file) => [file, read(`workflows/${file}`)] as const,
)

/** The text of each job of a workflow. */
const jobsOf = (workflow: string): string[] =>
  workflow.split(/^jobs:\n/m)[1]?.split(/^ {2}(?=\w[\w-]*:\n)/m) ?? []

test.each(workflows)('%s pins actions to commits', (_file, text) => {
  const uses = [...text.matchAll(/uses: (\S+)(.*)/g)].filter(([, action = '']) => !action.startsWith('./'))

  expect(uses.length).toBeGreaterThan(0)
  for (const [line, action] of uses) {
    expect(action).toMatch(/@[0-9a-f]{40}$/)
    expect(line).toMatch(/# v\d+\.\d+\.\d+$/)
  }
})

test('a job that can get credentials installs nothing, and a job that installs packages cannot get any', () => {
  const jobs = workflows.flatMap(([, text]) => {
    const ofAll = /^ {2}id-token: write/m.test(text.split(/^jobs:\n/m)[0] ?? '')
    return jobsOf(text).map((job) => ({ job, hasCredentials: ofAll || job.includes('id-token: write') }))
  })

  expect(jobs.filter(({ hasCredentials }) => hasCredentials).length).toBeGreaterThan(0)
  for (const { job, hasCredentials } of jobs)
    expect(hasCredentials && /npm (ci|install|run)|npx|pipx|actions\/checkout/.test(job)).toBe(false)
})

test('the release deploys no stack with warnings, and skips no stack because of an unchanged template', () => {
  expect(read('workflows/deploy.yml')).toMatch(/cdk deploy .*--all --force --strict/)
})

test.each(['pull-request.yml', 'release.yml'])('%s checks for known vulnerabilities', (file) => {
  expect(read(`workflows/${file}`)).toContain('npm audit')
})

test.each(['octocat/my-repo', 'octocat@123456/my-repo@456789', 'a.b-c/d_e'])(
  'the role trusts the subject in the tokens of the repository %s',
  (name) => {
    const [, pattern = ''] = /AllowedPattern: '(.*@.*)'/.exec(read('deploy-role.yaml')) ?? []

    expect(name).toMatch(new RegExp(`^${pattern}$`))
    expect('octocat/*').not.toMatch(new RegExp(`^${pattern}$`))
  },
)

test('a role deploys only its own environment, and reads no client secret of another one', () => {
  const template = read('deploy-role.yaml')

  expect(template).toMatch(/role\/cdk-\$\{Qualifier\}-\*/)
  expect(template).not.toContain('role/cdk-*')
  expect(template).toMatch(/DescribeUserPoolClient[\s\S]*aws:ResourceTag\/environment: !Ref Environment/)
})
