# Starts JBang on Windows, as ./jbang does elsewhere: the installed one or, if there is none, one from Maven Central
# that is fetched once and kept in AVDAILY_HOME\jbang (default .avdaily\jbang in the home folder). Versions and sums
# stand in the file jbang.
$ErrorActionPreference = 'Stop'
$words = @($args)

function Fail([string] $What, [string] $Next, [int] $Code = 1) {
    [Console]::Error.WriteLine("jbang: $What")
    [Console]::Error.WriteLine("Go on: $Next")
    exit $Code
}

$launcher = Get-Content -Encoding UTF8 (Join-Path $PSScriptRoot 'jbang')
function Known([string] $Pattern) {
    ($launcher | Select-String -Pattern $Pattern | Select-Object -First 1).Matches[0].Groups[1].Value
}
$version = Known '^version=(\S+)'
$gson = Known '^gson=(\S+)'
$copying = Known '(org\.apache\.maven\.plugins:maven-dependency-plugin:[0-9.]+:copy-dependencies)'
$sums = @($launcher | Select-String -Pattern '^# ([0-9a-f]{64})  (\S+)$' |
        ForEach-Object { $_.Matches[0].Groups[1].Value + ' ' + $_.Matches[0].Groups[2].Value })

$own = if ($env:AVDAILY_HOME) { $env:AVDAILY_HOME } else { Join-Path $HOME '.avdaily' }
$catalog = Join-Path $PSScriptRoot 'jbang-catalog.json'

# JBang looks for a bare alias from the working directory upward; ours are meant from everywhere.
$commands = @((Get-Content -Raw -Encoding UTF8 $catalog | ConvertFrom-Json).aliases.PSObject.Properties.Name |
        Where-Object { $_ -like 'avdaily-*' })
if ($words.Count -eq 0) {
    $commands | ForEach-Object { [Console]::Error.WriteLine(".\jbang $_") }
    Fail 'no command is named.' "name one of these; '.\jbang avdaily-deploy --help' explains it." 2
}
$first = [string] $words[0]
if ($commands -contains $first) {
    $env:AVDAILY_COMMAND = '.\jbang avdaily-*' # as messages call the commands
    $env:AVDAILY_CLONE = $PSScriptRoot # its migrations and seeds count as they are now, not as they were packed
    $words[0] = "$first@$catalog"
} elseif ($first -like 'avdaily-*' -and $first -notlike '*@*') {
    Fail "there is no command $first." "there are $($commands -join ', ')." 2
} elseif ($first -like '*@*' -or $first -like '*://*') {
    Remove-Item Env:AVDAILY_CLONE -ErrorAction SilentlyContinue # its own files come with it
}

# JBang would take options for Java from any jbang.properties in the working directory or above it, which may be
# somebody else's. Only the user's own counts.
$settings = if ($env:JBANG_DIR) { $env:JBANG_DIR } else { Join-Path $HOME '.jbang' }
$config = Join-Path $settings 'jbang.properties'
if (-not (Test-Path -PathType Leaf $config)) {
    $config = Join-Path $own 'jbang\none.properties'
    New-Item -ItemType Directory -Force (Split-Path $config) | Out-Null
    if (-not (Test-Path $config)) { New-Item -ItemType File $config | Out-Null }
}

# The installed JBang, unless what PATH calls jbang is this one.
$installed = Get-Command jbang -All -CommandType Application, ExternalScript -ErrorAction SilentlyContinue |
    Where-Object { (Split-Path $_.Source) -ne $PSScriptRoot } | Select-Object -First 1
if ($installed) {
    & $installed.Source "--config=$config" @words
    exit $LASTEXITCODE
}

$java = if ($env:JAVA_HOME) { Join-Path $env:JAVA_HOME 'bin\java.exe' } else { '' }
if (-not $java -or -not (Test-Path $java)) {
    $found = Get-Command java -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if (-not $found) {
        Fail 'Java is not installed.' `
            'install a JDK 17 or newer and Maven, or JBang itself (https://www.jbang.dev/download).' 127
    }
    $java = $found.Source
}

$lib = Join-Path $own "jbang\$version"
if (-not (Test-Path $lib)) {
    $maven = Get-Command mvn -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if (-not $maven) {
        Fail 'neither JBang nor Maven is installed.' `
            'install Maven, which brings JBang, or JBang itself (https://www.jbang.dev/download).' 127
    }
    [Console]::Error.WriteLine("[jbang] Fetching JBang $version from Maven Central...")
    $new = Join-Path $own "jbang\new.$PID"
    New-Item -ItemType Directory -Force $new | Out-Null
    try {
        Set-Content -Encoding UTF8 (Join-Path $new 'pom.xml') @"
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>avdaily</groupId><artifactId>jbang</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>dev.jbang</groupId><artifactId>jbang-cli</artifactId><version>$version</version></dependency>
    <dependency><groupId>com.google.code.gson</groupId><artifactId>gson</artifactId><version>$gson</version></dependency>
  </dependencies>
</project>
"@
        $ErrorActionPreference = 'Continue' # what Maven writes to standard error is no error of ours
        $log = & $maven.Source -B -q '-Dstyle.color=never' -f (Join-Path $new 'pom.xml') $copying `
            '-DincludeScope=runtime' "-DoutputDirectory=$new\lib" 2>&1
        $ErrorActionPreference = 'Stop'
        if ($LASTEXITCODE -ne 0) {
            $log | Select-String -SimpleMatch '[ERROR]' | Select-Object -First 1 |
                ForEach-Object { [Console]::Error.WriteLine($_.Line) }
            Fail 'Maven could not fetch JBang (see above).' `
                'check the network and .m2\settings.xml in the home folder.'
        }
        # What a mirror or a proxy hands over runs only if it is what the file jbang knows.
        $wrong = @(Get-ChildItem (Join-Path $new 'lib') -Filter *.jar |
                ForEach-Object { (Get-FileHash -Algorithm SHA256 $_.FullName).Hash.ToLower() + ' ' + $_.Name } |
                Where-Object { $sums -notcontains $_ })
        if ($wrong.Count -gt 0) {
            Fail "Maven fetched what this launcher does not know, by SHA-256 sum and name: $($wrong -join ' ')" `
                'nothing of it was run; delete these files in .m2\repository, and see that you trust your mirror.' 21
        }
        # Of two launchers that fetch at the same time, the first one's copy stays.
        if (-not (Test-Path $lib)) { Move-Item (Join-Path $new 'lib') $lib }
    } finally {
        Remove-Item -Recurse -Force $new -ErrorAction SilentlyContinue
    }
}

$env:JBANG_RUNTIME_SHELL = 'powershell'
$env:JBANG_STDIN_NOTTY = if ([Console]::IsInputRedirected) { 'true' } else { 'false' }
$env:JBANG_LAUNCH_CMD = Join-Path $PSScriptRoot 'jbang.cmd'
$ErrorActionPreference = 'Continue'
$command = & $java '-Xlog:disable' '-XX:TieredStopAtLevel=1' '-XX:+UseSerialGC' `
    -cp "$lib\*" dev.jbang.Main "--config=$config" @words
$code = $LASTEXITCODE
# JBang answers 255 when its output is the command to run in its place.
if ($code -eq 255) {
    Invoke-Expression "& $command"
    exit $LASTEXITCODE
}
if ($command) { $command | Write-Output }
if ($code -ne 0 -and $commands -contains $first) {
    Fail "JBang could not prepare $first (see above)." `
        "its first run needs Maven's repository: check the network and .m2\settings.xml in the home folder." $code
}
exit $code
