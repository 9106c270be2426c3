using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Organizations.Boards;
using ProyeccionSocial.Organizations.Books;
using ProyeccionSocial.Organizations.Members;
using ProyeccionSocial.Organizations.People;
using ProyeccionSocial.Organizations.Places;
using ProyeccionSocial.ServiceDefaults.Errors;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>The legal life of a community association.</summary>
internal enum AssociationState
{
    Forming,
    Constituted,
    ApplicationFiled,
    Observed,
    Corrected,
    Resolved,
    GrantedByLaw,
    Archived,
    Registered,
    Published,
    Active,
    BoardExpired,
    Dissolving,
    Dissolved,
    Cancelled,
}

/// <summary>
/// A community association (ADESCO). Each verb states its rules, changes the state and says so in an event. Here: its
/// way to legal personality and its members. What follows with each new board stands in <c>Association.Boards.cs</c>,
/// how it ends in <c>Association.Ending.cs</c>.
/// </summary>
internal sealed partial class Association : Aggregate
{
    private Association()
    {
    }

    public string Name { get; private init; } = "";
    public Guid PlaceId { get; private init; }
    public Place Place { get; private init; } = null!;
    public AssociationState State { get; private set; }
    public string Ruleset { get; private init; } = "";
    public DateOnly FormedOn { get; private init; }
    public DateOnly? AssemblyDate { get; private set; }
    public int? AssemblyMinutesNumber { get; private set; }
    public bool? ConvenedForIt { get; private set; }
    public string? PresidedBy { get; private set; }
    public DateOnly? FiledOn { get; private set; }
    public DateOnly? ResolutionDue { get; private set; }
    public DateTimeOffset? ResolutionDueKnownAt { get; private set; }
    public DateOnly? ObservedOn { get; private set; }
    public string? Defects { get; private set; }
    public DateOnly? CorrectionDue { get; private set; }
    public DateTimeOffset? CorrectionDueKnownAt { get; private set; }
    public DateOnly? RecognizedOn { get; private set; }
    public bool GrantedByLaw { get; private set; }
    public int? CouncilMinutesNumber { get; private set; }
    public int? CouncilAgreementNumber { get; private set; }
    public DateOnly? CouncilDate { get; private set; }
    public int? GazetteNumber { get; private set; }
    public int? GazetteVolume { get; private set; }
    public DateOnly? PublishedOn { get; private set; }
    public string? CredentialNumber { get; private set; }
    public DateOnly? ActivatedOn { get; private set; }
    public string Promoter { get; private set; } = "";
    public string? TaxNumber { get; private set; }
    public DateOnly? BoardFrom { get; private set; }
    public DateOnly? BoardUntil { get; private set; }
    public DateOnly? EndedOn { get; private set; }
    public DateTimeOffset CreatedAt { get; private init; }

    public static Association Form(string name, Place place, Ruleset ruleset, DateOnly formedOn, string promoter, DateTimeOffset now)
    {
        Rule.That(place.Kind is PlaceKind.Barrio or PlaceKind.Colonia or PlaceKind.Canton or PlaceKind.Hamlet, "place_not_a_community",
            "Una asociación comunal es de un barrio, colonia, cantón o caserío.", "/placeId");
        Rule.That(place.ExistsOn(formedOn), "place_not_in_force", "Ese lugar no estaba vigente en la fecha indicada.", "/placeId");
        var association = new Association
        {
            Name = name,
            PlaceId = place.Id,
            Place = place,
            Ruleset = ruleset.Code,
            FormedOn = formedOn,
            State = AssociationState.Forming,
            Promoter = promoter,
            CreatedAt = now,
        };
        association.Raise(new AssociationFormed { AssociationId = association.Id, Name = name, Place = place.ToRef() }, now);
        return association;
    }

    /// <summary>A resident of age joins.</summary>
    public Member Admit(Person person, DateOnly joinedOn, Ruleset ruleset, DateTimeOffset now)
    {
        RequireNotEnded();
        Rule.That(joinedOn >= FormedOn, "joined_before_forming", "La fecha de ingreso es anterior a la formación de la asociación.", "/joinedOn");
        Rule.That(person.AgeOn(joinedOn) >= ruleset.MinimumAge, "member_under_age",
            $"{person.FullName} no tenía {ruleset.MinimumAge} años en la fecha de ingreso.");
        Raise(Membership(person, joinedOn, null), now);
        return new Member { AssociationId = Id, PersonId = person.Id, JoinedOn = joinedOn };
    }

    /// <summary>A member leaves; a last day in the future keeps the membership until then.</summary>
    public void Release(Member member, Person person, BoardSeat? seat, DateOnly leftOn, DateTimeOffset now)
    {
        RequireNotEnded();
        Rule.That(leftOn >= member.JoinedOn, "left_before_joining", "La fecha de salida es anterior a la de ingreso.", "/leftOn");
        Rule.State(seat is null || seat.LastDay <= leftOn, "member_holds_a_post",
            $"Esa persona tiene un cargo en la junta directiva hasta el {seat?.LastDay:dd/MM/yyyy}. Registre primero su relevo.");
        member.LeftOn = leftOn;
        Raise(Membership(person, member.JoinedOn, leftOn), now);
    }

    /// <summary>The membership of somebody who had been registered twice, as it really was.</summary>
    public Member Readmit(Person person, DateOnly joinedOn, DateOnly? leftOn, DateTimeOffset now)
    {
        Raise(Membership(person, joinedOn, leftOn), now);
        return new Member { AssociationId = Id, PersonId = person.Id, JoinedOn = joinedOn, LeftOn = leftOn };
    }

    /// <summary>The constitutive assembly (Código Municipal, arts. 118-125) with the board it elected.</summary>
    public BoardTerm Constitute(Constitution act, int membersOnDate, Ruleset ruleset, BoardRules rules, DateTimeOffset now)
    {
        Rule.State(State == AssociationState.Forming, "not_forming", "La asociación ya fue constituida.");
        Rule.That(act.AssemblyDate >= FormedOn, "assembly_before_forming", "La asamblea es anterior a la formación de la asociación.", "/assemblyDate");
        Rule.That(act.ConvenedForIt, "assembly_not_convened_for_it",
            "La asamblea debe ser general extraordinaria y convocada para constituir la asociación.", "/convenedForIt");
        Rule.That(membersOnDate >= ruleset.MinimumMembers, "members_below_minimum",
            $"Se necesitan {ruleset.MinimumMembers} miembros en la fecha de la asamblea y hay {membersOnDate}.");
        var missing = StatutesTopics.All.Except(act.StatutesTopics).ToArray();
        Rule.That(missing.Length == 0, "statutes_incomplete",
            $"A los estatutos les falta: {string.Join(", ", missing.Select(StatutesTopics.InSpanish))}.", "/statutesTopics");
        var assembly = new Assembly(act.AssemblyDate, act.MinutesNumber, null, null);
        var term = BoardTerm.Elect(Id, assembly, act.AssemblyDate, rules, act.Board);

        State = AssociationState.Constituted;
        AssemblyDate = act.AssemblyDate;
        AssemblyMinutesNumber = act.MinutesNumber;
        ConvenedForIt = act.ConvenedForIt;
        PresidedBy = act.PresidedBy;
        Raise(new AssociationConstituted { AssociationId = Id, Name = Name, Place = Place.ToRef(), AssemblyDate = act.AssemblyDate, Members = membersOnDate }, now);
        Install(term, act.Board, now);
        return term;
    }

    /// <summary>Constitution minutes, statutes and member roll are received against a numbered receipt.</summary>
    public void FileApplication(string receiptNumber, DateOnly filedOn, DateOnly resolutionDue, DateTimeOffset now)
    {
        Rule.State(State == AssociationState.Constituted, "not_constituted", "Solo una asociación constituida y sin solicitud en trámite puede presentarla.");
        Rule.That(filedOn >= AssemblyDate, "filed_before_assembly", "La solicitud es anterior a la asamblea de constitución.", "/filedOn");
        State = AssociationState.ApplicationFiled;
        FiledOn = filedOn;
        (ResolutionDue, ResolutionDueKnownAt) = (resolutionDue, now);
        Raise(new AssociationApplicationFiled { AssociationId = Id, Name = Name, Place = Place.ToRef(), ReceiptNumber = receiptNumber, ResolutionDue = resolutionDue }, now);
    }

    /// <summary>A curable defect is notified while the council's term runs.</summary>
    public void Observe(string defects, DateOnly notifiedOn, DateOnly correctionDue, DateTimeOffset now)
    {
        Rule.State(State == AssociationState.ApplicationFiled, "application_not_pending", "Solo se observa una solicitud presentada y sin resolver.");
        Rule.That(notifiedOn >= FiledOn, "notified_before_filing", "La notificación es anterior a la solicitud.", "/notifiedOn");
        Rule.That(notifiedOn <= ResolutionDue, "notified_after_deadline",
            $"El plazo del concejo venció el {ResolutionDue:dd/MM/yyyy}: la ley ya concedió la personería.", "/notifiedOn");
        State = AssociationState.Observed;
        ObservedOn = notifiedOn;
        Defects = defects;
        (CorrectionDue, CorrectionDueKnownAt) = (correctionDue, now);
        Raise(new AssociationApplicationObserved { AssociationId = Id, Name = Name, Place = Place.ToRef(), NotifiedOn = notifiedOn, CorrectionDue = correctionDue }, now);
    }

    /// <summary>The applicants correct the defects; the council's term begins anew.</summary>
    public void CorrectDefects(string receiptNumber, DateOnly correctedOn, DateOnly resolutionDue, DateTimeOffset now)
    {
        Rule.State(State == AssociationState.Observed, "not_observed", "La solicitud no tiene observaciones pendientes.");
        Rule.That(correctedOn >= ObservedOn, "corrected_before_notice", "La subsanación es anterior a la notificación.", "/correctedOn");
        Rule.That(correctedOn <= CorrectionDue, "correction_too_late",
            $"El plazo para subsanar venció el {CorrectionDue:dd/MM/yyyy}. La solicitud se archiva.", "/correctedOn");
        State = AssociationState.Corrected;
        (ResolutionDue, ResolutionDueKnownAt) = (resolutionDue, now);
        Raise(new AssociationDefectsCorrected { AssociationId = Id, Name = Name, Place = Place.ToRef(), ReceiptNumber = receiptNumber, ResolutionDue = resolutionDue }, now);
    }

    /// <summary>The defects were not corrected in time.</summary>
    public void Archive(DateOnly today, DateTimeOffset now)
    {
        Rule.State(State == AssociationState.Observed, "not_observed", "La solicitud no tiene observaciones pendientes.");
        Rule.State(today > CorrectionDue, "correction_term_running", $"El plazo para subsanar corre hasta el {CorrectionDue:dd/MM/yyyy}.");
        State = AssociationState.Archived;
        Raise(new AssociationApplicationArchived { AssociationId = Id, Name = Name, Place = Place.ToRef(), CorrectionDue = CorrectionDue!.Value }, now);
    }

    /// <summary>The council grants legal personality by agreement, within its term.</summary>
    public void Resolve(CouncilReference agreement, DateTimeOffset now)
    {
        RequirePending();
        Rule.That(agreement.Date >= FiledOn, "agreement_before_filing", "El acuerdo es anterior a la solicitud.", "/agreement/date");
        Rule.That(agreement.Date <= ResolutionDue, "agreement_after_deadline",
            $"El plazo venció el {ResolutionDue:dd/MM/yyyy} sin acuerdo: registre que la ley concedió la personería.", "/agreement/date");
        State = AssociationState.Resolved;
        RecognizedOn = agreement.Date;
        (CouncilMinutesNumber, CouncilAgreementNumber, CouncilDate) = (agreement.MinutesNumber, agreement.AgreementNumber, agreement.Date);
        Raise(new AssociationRecognized { AssociationId = Id, Name = Name, Place = Place.ToRef(), RecognizedOn = agreement.Date, CouncilReference = agreement }, now);
    }

    /// <summary>The council kept silent: personality is granted <em>por ministerio de ley</em> the day after its term.</summary>
    public void GrantByLaw(DateOnly today, DateTimeOffset now)
    {
        RequirePending();
        Rule.State(today > ResolutionDue, "resolution_term_running", $"El concejo tiene hasta el {ResolutionDue:dd/MM/yyyy} para resolver.");
        State = AssociationState.GrantedByLaw;
        GrantedByLaw = true;
        RecognizedOn = ResolutionDue!.Value.AddDays(1);
        Raise(new AssociationRecognized { AssociationId = Id, Name = Name, Place = Place.ToRef(), RecognizedOn = RecognizedOn.Value, GrantedByLaw = true }, now);
    }

    /// <summary>The association is entered in the municipal book.</summary>
    public void EnterInRegister(int book, BookPlace entry, DateOnly registeredOn, DateTimeOffset now)
    {
        RequireRegistrable(registeredOn);
        State = AssociationState.Registered;
        Raise(new AssociationRegistered { AssociationId = Id, Name = Name, Place = Place.ToRef(), Book = book, Entry = entry.Entry, Folio = entry.Folio, RegisteredOn = registeredOn }, now);
    }

    /// <summary>The rules of <see cref="EnterInRegister"/>, to be asked before the book gives a number.</summary>
    public void RequireRegistrable(DateOnly registeredOn)
    {
        Rule.State(State is AssociationState.Resolved or AssociationState.GrantedByLaw, "not_recognized", "Solo se inscribe una asociación con personería jurídica.");
        Rule.That(registeredOn >= RecognizedOn, "registered_before_recognition", "La inscripción es anterior a la personería.", "/registeredOn");
    }

    /// <summary>Agreement and statutes appear in the Diario Oficial.</summary>
    public void Publish(int gazetteNumber, int gazetteVolume, DateOnly publishedOn, DateTimeOffset now)
    {
        Rule.State(State == AssociationState.Registered, "not_registered", "Antes de publicar, inscriba la asociación en el libro.");
        Rule.That(publishedOn >= RecognizedOn, "published_before_recognition", "La publicación es anterior a la personería.", "/publishedOn");
        State = AssociationState.Published;
        (GazetteNumber, GazetteVolume, PublishedOn) = (gazetteNumber, gazetteVolume, publishedOn);
        Raise(new AssociationPublished { AssociationId = Id, Name = Name, Place = Place.ToRef(), GazetteNumber = gazetteNumber, GazetteVolume = gazetteVolume, PublishedOn = publishedOn }, now);
    }

    private void RequirePending() =>
        Rule.State(State is AssociationState.ApplicationFiled or AssociationState.Corrected, "application_not_pending",
            "La asociación no tiene una solicitud pendiente de resolver.");

    private void RequireNotEnded()
    {
        Rule.State(State is not AssociationState.Archived, "association_archived", "La solicitud de la asociación fue archivada.");
        Rule.State(State is not (AssociationState.Dissolved or AssociationState.Cancelled), "association_ended", "La asociación ya fue disuelta o cancelada.");
    }

    private MembershipChanged Membership(Person person, DateOnly joinedOn, DateOnly? leftOn) => new()
    {
        AssociationId = Id,
        Name = Name,
        Place = Place.ToRef(),
        PersonId = person.Id,
        PersonName = person.FullName,
        JoinedOn = joinedOn,
        LeftOn = leftOn,
    };
}

/// <summary>What the minutes of the constitutive assembly say.</summary>
internal sealed record Constitution(
    DateOnly AssemblyDate, int MinutesNumber, bool ConvenedForIt, string PresidedBy,
    IReadOnlyList<StatutesTopic> StatutesTopics, IReadOnlyList<(string Post, Person Person)> Board);
