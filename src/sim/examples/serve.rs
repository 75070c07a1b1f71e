//! Serves a practice contact center: `serve [PORT] [SEED] [STATE]`. Without a quota, so that scripts need not wait.

use std::net::{Ipv4Addr, SocketAddr};

use desk_sim::{Limits, Options, Sim, bind};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().map_or(Ok(0), |port| port.parse())?;
    let seed = arguments.next().map_or(Ok(desk_sim::Seed::Guide), |seed| seed.parse())?;
    let state = arguments.next().map(Into::into);
    let sim = Sim::open(Options { seed, state, limits: Limits::Unthrottled, ..Options::default() })?;
    let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    let ready = format!("http://{} {}\n", listener.local_addr()?, sim.instance_id());
    std::io::Write::write_all(&mut std::io::stdout(), ready.as_bytes())?;
    sim.serve(listener).await?;
    Ok(())
}
