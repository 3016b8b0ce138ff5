-- Sends random bodies from the file BODIES, which has one a line. WRITES percent of the requests are bodies from the
-- file MUTATIONS instead, with the token TOKEN. Prints a summary as JSON at the end.
--
-- It doesn't inspect responses, because passing a response to Lua takes longer than serving it. The benchmark checks
-- responses before and after.

local number = 0
local threads = {}

function setup(thread)
    number = number + 1
    thread:set("number", number)
    table.insert(threads, thread)
end

local function read(file, headers)
    local requests = {}
    if file then
        for body in io.lines(file) do
            requests[#requests + 1] = wrk.format("POST", nil, headers, body)
        end
    end
    return requests
end

function init()
    math.randomseed(number)
    mutated = 0
    writes = tonumber(os.getenv("WRITES") or "0")
    queries = read(os.getenv("BODIES"), { ["Content-Type"] = "application/json" })
    mutations = read(os.getenv("MUTATIONS"), {
        ["Content-Type"] = "application/json",
        ["Authorization"] = "Bearer " .. (os.getenv("TOKEN") or ""),
    })
end

function request()
    if writes > 0 and math.random(100) <= writes then
        mutated = mutated + 1
        return mutations[math.random(#mutations)]
    end
    return queries[math.random(#queries)]
end

function done(summary, latency)
    local seconds = summary.duration / 1e6
    local errors = summary.errors
    local mutated = 0
    for _, thread in ipairs(threads) do
        mutated = mutated + thread:get("mutated")
    end
    io.write(string.format(
        '{"requests":%d,"rate":%f,"p50":%f,"p99":%f,"errors":%d,"status":%d,"timeout":%d,"socket":%d,"mutations":%d}\n',
        summary.requests, summary.requests / seconds, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        errors.status + errors.connect + errors.read + errors.write + errors.timeout,
        errors.status, errors.timeout, errors.connect + errors.read + errors.write, mutated
    ))
end
