@rem Starts JBang on Windows; jbang.ps1 does the work.
@powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0jbang.ps1" %*
@exit /b %ERRORLEVEL%
