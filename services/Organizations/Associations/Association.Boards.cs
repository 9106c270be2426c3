using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.Organizations.Boards;
using ProyeccionSocial.Organizations.Books;
using ProyeccionSocial.Organizations.People;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.Organizations.Associations;

internal sealed partial class Association
{
    /// <summary>Whether it has legal personality and has neither ended nor begun to.</summary>
    public bool IsAlive => State is AssociationState.Resolved or AssociationState.GrantedByLaw or AssociationState.Registered
        or AssociationState.Published or AssociationState.Active or AssociationState.BoardExpired;

    /// <summary>A general assembly elects the next board. The current one stays until its last day, unless the assembly ends it.</summary>
    /// <param name="election">What the assembly decided.</param>
    /// <param name="earlier">All the terms before it with their seats, the latest first.</param>
    /// <param name="membersOnDate">Members on the day of the assembly.</param>
    /// <param name="rules">The numbers of the law and the statutes on that day.</param>
    /// <param name="reportDue">Last day to report it to the council.</param>
    /// <param name="now">When it is recorded.</param>
    public BoardTerm Elect(Election election, IReadOnlyList<BoardTerm> earlier, int membersOnDate, BoardRules rules, DateOnly reportDue, DateTimeOffset now)
    {
        RequireNotEnded();
        Rule.State(State is not (AssociationState.Forming or AssociationState.Dissolving), "no_election_now",
            "La junta se elige en la asamblea de constitución, y no cuando la asociación se está disolviendo.");
        Rule.That(election.Assembly.HeldOn >= AssemblyDate, "election_before_constitution",
            $"La asociación se constituyó el {AssemblyDate:dd/MM/yyyy}: la elección no puede ser anterior.", "/heldOn");
        election.Assembly.RequireQuorum(membersOnDate);
        if (earlier is [var current, ..])
        {
            Rule.That(election.FirstDay > current.FirstDay, "term_before_current", $"El período en curso comenzó el {current.FirstDay:dd/MM/yyyy}.", "/firstDay");
            if (current.LastDay >= election.FirstDay)
            {
                Rule.State(election.EndsCurrentTerm, "board_terms_overlap",
                    $"La junta en funciones termina el {current.LastDay:dd/MM/yyyy}. Indique un primer día posterior, o que la asamblea da por terminado ese período (endsCurrentTerm).");
                current.End(election.FirstDay.AddDays(-1), "Nueva elección");
            }
        }
        var term = BoardTerm.Elect(Id, election.Assembly, election.FirstDay, rules, election.Board);
        term.RequireReelectable(earlier, rules);
        term.ReportDue = reportDue;
        Install(term, election.Board, now);
        Raise(new AssociationBoardRenewed { AssociationId = Id, Name = Name, Place = Place.ToRef(), From = term.FirstDay, Until = term.LastDay }, now);
        ResumeBoard(now);
        return term;
    }

    /// <summary>A holder leaves a post, and perhaps another member takes it for the rest of the term.</summary>
    /// <returns>The seat that was taken.</returns>
    public BoardSeat? ReplaceHolder(BoardTerm term, Relief relief, IReadOnlyDictionary<Guid, Person> people, DateTimeOffset now)
    {
        RequireNotEnded();
        var (ended, taken) = term.Replace(relief);
        foreach (var changed in taken is null ? ended : [.. ended, taken])
        {
            Raise(new BoardSeatChanged
            {
                AssociationId = Id, Name = Name, Place = Place.ToRef(), Post = changed.Post, PersonId = changed.PersonId,
                PersonName = people[changed.PersonId].FullName, From = changed.FirstDay, Until = changed.LastDay,
            }, now);
        }
        return taken;
    }

    /// <summary>The council is told of the new board, against a receipt.</summary>
    public void ReportBoard(BoardTerm term, DateOnly reportedOn, string receiptNumber, DateTimeOffset now)
    {
        RequireNotEnded();
        Rule.State(term.ReportDue is not null, "board_needs_no_report", "La primera junta va con la solicitud de personería.");
        Rule.State(term.ReportedOn is null, "board_already_reported", "Esa junta ya fue informada al concejo.");
        Rule.That(reportedOn >= term.ElectedOn, "reported_before_election", "El informe es anterior a la elección.", "/reportedOn");
        term.ReportedOn = reportedOn;
        Raise(new AssociationBoardReported { AssociationId = Id, Name = Name, Place = Place.ToRef(), ReportedOn = reportedOn, ReceiptNumber = receiptNumber }, now);
    }

    /// <summary>The board receives its credential, which expires with its term. The first one makes the association work.</summary>
    public void IssueCredential(string number, BoardTerm term, DateOnly issuedOn, DateTimeOffset now)
    {
        Rule.State(State is AssociationState.Published or AssociationState.Active or AssociationState.BoardExpired, "not_published",
            "Antes de entregar la credencial, registre la publicación en el Diario Oficial.");
        Rule.That(issuedOn >= PublishedOn, "credential_before_publication", "La credencial es anterior a la publicación.", "/issuedOn");
        Rule.That(issuedOn <= term.LastDay, "board_term_over", $"El período de la junta terminó el {term.LastDay:dd/MM/yyyy}: elija una nueva.", "/issuedOn");
        Rule.State(term.ReportDue is null || term.ReportedOn is not null, "board_not_reported", "Antes de la credencial, informe al concejo de la nueva junta.");
        CredentialNumber = number;
        if (State == AssociationState.Published)
        {
            (State, ActivatedOn) = (AssociationState.Active, issuedOn);
            Raise(new AssociationActivated { AssociationId = Id, Name = Name, Place = Place.ToRef(), BoardFrom = term.FirstDay, BoardUntil = term.LastDay }, now);
        }
        else
        {
            Raise(new AssociationCredentialIssued { AssociationId = Id, Name = Name, Place = Place.ToRef(), IssuedOn = issuedOn, ValidUntil = term.LastDay }, now);
        }
    }

    /// <summary>The term's end is near: said once for each of the ruleset's warnings.</summary>
    public void WarnOfExpiry(int daysLeft, DateTimeOffset now) =>
        Raise(new AssociationBoardExpiring { AssociationId = Id, Name = Name, Place = Place.ToRef(), Until = BoardUntil!.Value, DaysLeft = daysLeft }, now);

    /// <summary>The board's last day has passed and no other has begun. The association goes on.</summary>
    public void ExpireBoard(DateOnly lastDay, DateTimeOffset now)
    {
        State = AssociationState.BoardExpired;
        Raise(new AssociationBoardExpired { AssociationId = Id, Name = Name, Place = Place.ToRef(), ExpiredOn = lastDay }, now);
    }

    /// <summary>A new board's first day has come.</summary>
    public void ResumeBoard(DateTimeOffset now)
    {
        var today = ServiceDefaults.Http.LocalTime.LocalDate(now);
        if (State != AssociationState.BoardExpired || BoardFrom > today || BoardUntil < today)
            return;
        State = AssociationState.Active;
        Raise(new AssociationActivated { AssociationId = Id, Name = Name, Place = Place.ToRef(), BoardFrom = BoardFrom!.Value, BoardUntil = BoardUntil!.Value }, now);
    }

    /// <summary>An entry of one of its books is final.</summary>
    public void CloseBookEntry(BookKind kind, int book, int entry, DateOnly datedOn, DateTimeOffset now) =>
        Raise(new AssociationBookEntryClosed
        {
            AssociationId = Id, Name = Name, Place = Place.ToRef(), BookKind = Choice<BookKind>.NameOf(kind),
            Book = book, Entry = entry, DatedOn = datedOn,
        }, now);

    /// <summary>The assembly changes what the statutes say of boards and majorities.</summary>
    public void AmendStatutes(Assembly assembly, int membersOnDate, DateOnly effectiveFrom, DateTimeOffset now)
    {
        Rule.State(IsAlive, "not_recognized", "Los estatutos se reforman cuando la asociación tiene personería.");
        Rule.That(assembly.HeldOn >= AssemblyDate, "amended_before_constitution", "La asamblea es anterior a la constitución.", "/heldOn");
        Rule.That(effectiveFrom >= assembly.HeldOn, "effective_before_assembly", "La reforma no puede regir antes de la asamblea que la decide.", "/effectiveFrom");
        assembly.RequireQuorum(membersOnDate);
        Raise(new AssociationStatutesAmended { AssociationId = Id, Name = Name, Place = Place.ToRef(), EffectiveFrom = effectiveFrom }, now);
    }

    /// <summary>In January it brings its member roll and its work plan.</summary>
    public void FileYear(int year, DateOnly filedOn, DateTimeOffset now)
    {
        Rule.State(IsAlive, "not_recognized", "Solo una asociación con personería presenta su nómina y su plan anual.");
        Rule.That(year == filedOn.Year, "filed_for_another_year", "La nómina y el plan son del año en que se presentan.", "/filedOn");
        Rule.That(filedOn >= RecognizedOn, "filed_before_recognition", "La fecha es anterior a la personería.", "/filedOn");
        Raise(new AssociationAnnualFilingReceived { AssociationId = Id, Name = Name, Place = Place.ToRef(), Year = year, FiledOn = filedOn }, now);
    }

    /// <summary>Who of the unit accompanies it.</summary>
    public void Assign(string promoter)
    {
        Promoter = promoter;
        Touch();
    }

    /// <summary>The tax office gave it a number (<em>NIT</em>).</summary>
    public void SetTaxNumber(string taxNumber)
    {
        Rule.State(IsAlive || State == AssociationState.Dissolving, "not_recognized", "El NIT se obtiene con la personería jurídica.");
        TaxNumber = taxNumber;
        Touch();
    }

    private void Install(BoardTerm term, IReadOnlyList<(string Post, Person Person)> board, DateTimeOffset now)
    {
        (BoardFrom, BoardUntil) = (term.FirstDay, term.LastDay);
        Raise(new BoardElected
        {
            AssociationId = Id,
            Name = Name,
            Place = Place.ToRef(),
            From = term.FirstDay,
            Until = term.LastDay,
            Posts = [.. board.Select(s => new PostHolder(s.Post, s.Person.Id, s.Person.FullName))],
        }, now);
    }
}
